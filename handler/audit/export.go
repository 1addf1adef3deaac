package audit

import (
	"encoding/json"

	"example.org/airlock/handler/airlock"
)

// TrailFormat is the version of the exported trail.
const TrailFormat = "airlock-trail/1"

// Export is a request's trail as the API hands it out and airlock-verify reads
// it.
type Export struct {
	Format       string              `json:"format"`
	Workspace    airlock.WorkspaceID `json:"workspace"`
	Request      airlock.RequestID   `json:"request"`
	Head         airlock.ChainHead   `json:"head"` // as the request's row holds it
	Verification Verification        `json:"verification"`
	Records      []ExportedRecord    `json:"records"`
}

// ExportedRecord is one record: for programs that show it, Record; for whoever
// checks it, the exact text that was hashed.
type ExportedRecord struct {
	Seq    int             `json:"seq"`
	Hash   string          `json:"hash"`
	Body   string          `json:"body"`
	Record json.RawMessage `json:"record,omitempty"` // absent when Body is no JSON
}

// NewExport returns the trail for export. Bytes that are no valid UTF-8 cannot
// pass through JSON; such a record was damaged, and shows as such.
func NewExport(ws airlock.WorkspaceID, id airlock.RequestID, head airlock.ChainHead, rows []Row, v Verification) Export {
	e := Export{Format: TrailFormat, Workspace: ws, Request: id, Head: head, Verification: v, Records: []ExportedRecord{}}
	for _, row := range rows {
		r := ExportedRecord{Seq: row.Seq, Hash: row.Hash, Body: string(row.Body)}
		if json.Valid(row.Body) {
			r.Record = row.Body
		}
		e.Records = append(e.Records, r)
	}
	return e
}
