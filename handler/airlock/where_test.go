package airlock_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.org/airlock/handler/airlock"
)

// A status that a table forgets is a trap for its author: the sweep would delete its
// bytes, or nobody would look at it again.
func TestEveryStatusHasItsRowInEveryTable(t *testing.T) {
	homeless := []airlock.Status{airlock.Cancelled, airlock.Failed, airlock.Revoked}
	policy := airlock.DefaultPolicy()
	for _, direction := range []airlock.RequestType{airlock.Import, airlock.Export} {
		for _, status := range airlock.Statuses() {
			stage, known := airlock.StageOf(direction, status)
			assert.Equal(t, !slices.Contains(homeless, status), known, "%s %s: an account for its bytes", direction, status)
			assert.Equal(t, !status.Final(), policy.Deadline(status) > 0, "%s: a deadline", status)
			_, moves := airlock.DestinationOf(direction, status)
			assert.Equal(t, status.Moving(), moves, "%s: a destination", status)
			if known {
				r := airlock.Request{Type: direction, Status: status}
				assert.True(t, r.MayHold(airlock.Place{Stage: stage, Turn: 1}), "%s %s: its own account", direction, status)
			}
		}
	}
}

func TestWhereBytesMayLie(t *testing.T) {
	copied := []airlock.File{{InProgressETag: "1"}}
	tests := map[string]struct {
		given airlock.Request
		holds []airlock.Stage
	}{
		"a draft":                        {airlock.Request{Status: airlock.Draft}, []airlock.Stage{airlock.ImportExternal}},
		"submitted, not copied":          {airlock.Request{Status: airlock.Submitted, Files: []airlock.File{{}}}, []airlock.Stage{airlock.ImportExternal, airlock.ImportInProgress}},
		"submitted, copied":              {airlock.Request{Status: airlock.Submitted, Files: copied}, []airlock.Stage{airlock.ImportInProgress}},
		"coming back from quarantine":    {airlock.Request{Status: airlock.Submitted, Files: []airlock.File{{QuarantineETag: "2"}}}, []airlock.Stage{airlock.ImportBlocked, airlock.ImportInProgress}},
		"back from quarantine":           {airlock.Request{Status: airlock.Submitted, Files: []airlock.File{{QuarantineETag: "2", InProgressETag: "3"}}}, []airlock.Stage{airlock.ImportInProgress}},
		"failed on the way back":         {failedIn(airlock.Submitted, airlock.File{QuarantineETag: "2"}), []airlock.Stage{airlock.ImportBlocked}},
		"failed when it was back":        {failedIn(airlock.Submitted, airlock.File{QuarantineETag: "2", InProgressETag: "3"}), []airlock.Stage{airlock.ImportInProgress}},
		"blocked":                        {airlock.Request{Status: airlock.BlockedByScan, Files: copied}, []airlock.Stage{airlock.ImportBlocked}},
		"in review":                      {airlock.Request{Status: airlock.InReview, Files: copied}, []airlock.Stage{airlock.ImportInProgress}},
		"being approved":                 {airlock.Request{Status: airlock.ApprovalInProgress, Files: copied}, []airlock.Stage{airlock.ImportInProgress, airlock.ImportApproved}},
		"being rejected":                 {airlock.Request{Status: airlock.RejectionInProgress, Files: copied}, []airlock.Stage{airlock.ImportInProgress, airlock.ImportRejected}},
		"being blocked":                  {airlock.Request{Status: airlock.BlockingInProgress, Files: copied}, []airlock.Stage{airlock.ImportInProgress, airlock.ImportBlocked}},
		"approved":                       {airlock.Request{Status: airlock.Approved, Files: copied}, []airlock.Stage{airlock.ImportApproved}},
		"cancelled":                      {airlock.Request{Status: airlock.Cancelled}, nil},
		"revoked":                        {airlock.Request{Status: airlock.Revoked, Files: copied}, nil},
		"failed while copying":           {failedIn(airlock.Submitted, airlock.File{}), []airlock.Stage{airlock.ImportExternal}},
		"failed while waiting":           {failedIn(airlock.Submitted, copied...), []airlock.Stage{airlock.ImportInProgress}},
		"failed while being approved":    {failedIn(airlock.ApprovalInProgress, copied...), []airlock.Stage{airlock.ImportInProgress}},
		"failed, nobody knows where":     {airlock.Request{Status: airlock.Failed}, airlock.StagesOf(airlock.Import)},
		"failed in a status of tomorrow": {failedIn("a status of tomorrow", copied...), airlock.StagesOf(airlock.Import)},
		"a status of tomorrow":           {airlock.Request{Status: "a status of tomorrow", Files: copied}, airlock.StagesOf(airlock.Import)},
	}
	for name, tt := range tests {
		tt.given.Type = airlock.Import
		var holds []airlock.Stage
		for _, stage := range airlock.StagesOf(airlock.Import) {
			if tt.given.MayHold(airlock.Place{Stage: stage, Turn: 1}) {
				holds = append(holds, stage)
			}
		}
		assert.ElementsMatch(t, tt.holds, holds, name)
	}
}

func failedIn(s airlock.Status, files ...airlock.File) airlock.Request {
	return airlock.Request{Status: airlock.Failed, Failure: &airlock.Failure{In: s}, Files: files}
}
