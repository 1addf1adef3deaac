package workflow

import (
	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// recordVerdict appends the record of a verdict. bytes says whether they are the
// sealed ones.
func (c *change) recordVerdict(v airlock.Verdict, file, bytes string) *audit.Record {
	rec := c.record(audit.ScanVerdict)
	rec.From, rec.To = c.Status, c.Status
	rec.Detail = map[string]string{"file": file, "outcome": string(v.Outcome), "etag": v.ETag, "verdict": v.ID, "bytes": bytes}
	if v.Reason != "" {
		rec.Reason = v.Reason
	}
	return rec
}
