package httpapi

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"example.org/airlock/handler/airlock"
)

func TestScanResult(t *testing.T) {
	with := func(status airlock.Status, verdicts ...*airlock.Verdict) airlock.Request {
		r := airlock.Request{ScanRequired: true, Status: status}
		for _, v := range verdicts {
			r.Files = append(r.Files, airlock.File{Verdict: v})
		}
		return r
	}
	clean := &airlock.Verdict{Outcome: airlock.Clean, Tagged: true}
	event := &airlock.Verdict{Outcome: airlock.Clean}
	failed := &airlock.Verdict{Outcome: airlock.ScanError, Reason: "SAM259201: failed"}
	malware := &airlock.Verdict{Outcome: airlock.Malicious}
	blocked := with(airlock.BlockedByScan, nil)
	blocked.StatusMessage = "Malware was found: EICAR."
	off := with(airlock.InReview, clean)
	off.ScanRequired = false
	policy := with(airlock.Submitted, event)
	policy.ScanUnconfirmed = true
	for name, tt := range map[string]struct {
		r    airlock.Request
		want *ScanResult
	}{
		"a draft":                         {with(airlock.Draft), nil},
		"no scan was needed":              {off, nil},
		"not scanned yet":                 {with(airlock.Submitted, clean, nil), nil},
		"an event that is not confirmed":  {with(airlock.Submitted, clean, event), nil},
		"an event, which is enough here":  {policy, &ScanResult{true, "No threats found"}},
		"a scan that may be repeated":     {with(airlock.Submitted, clean, failed), nil},
		"clean":                           {with(airlock.InReview, clean, clean), &ScanResult{true, "No threats found"}},
		"one that the policy let through": {with(airlock.InReview, failed, clean), &ScanResult{false, "the scanner reported an error: SAM259201: failed"}},
		"malware":                         {with(airlock.InReview, clean, malware), &ScanResult{false, "Malware was found"}},
		"blocked, as lists have it":       {blocked, &ScanResult{false, "Malware was found: EICAR."}},
		"passed, as lists have it":        {with(airlock.InReview, nil), nil},
	} {
		assert.Equal(t, tt.want, scanResult(tt.r), name)
	}
}
