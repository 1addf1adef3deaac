package chaos

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
)

// record is the part of an audit record that the inquest reads (docs/audit-format.md).
type record struct {
	Format    string `json:"format"`
	Workspace string `json:"workspace"`
	Request   string `json:"request"`
	Seq       int    `json:"seq"`
	Action    string `json:"action"`
	From      string `json:"from"`
	To        string `json:"to"`
	Prev      string `json:"prev"`
	Security  bool   `json:"security"`
	Reason    string `json:"reason"`
	Actor     struct {
		ID string `json:"id"`
	} `json:"actor"`
	Files  []recordFile      `json:"files"`
	Detail map[string]string `json:"detail"`
}

// recordFile is a file in a record.
type recordFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	ETag   string `json:"etag"`
	SHA256 string `json:"sha256"`
}

// chain verifies a request's audit rows in the order of their keys: the hash of each is that of its bytes, each names
// the hash of the one before, none is missing, and the request's own row holds the last hash and the number.
func (e *entry) chain(id string) (records []record, problems []string) {
	wrong := func(n int, format string, args ...any) {
		problems = append(problems, fmt.Sprintf("audit record %d: ", n)+fmt.Sprintf(format, args...))
	}
	prev := ""
	for i, row := range e.audit {
		n := i + 1
		if seq, err := strconv.Atoi(row.seq); err != nil || seq != n {
			wrong(n, "its key says %s", row.seq)
		}
		sum := sha256.Sum256([]byte(row.body))
		hash := hex.EncodeToString(sum[:])
		if hash != row.hash {
			wrong(n, "the hash is not that of the bytes")
		}
		var r record
		if err := json.Unmarshal([]byte(row.body), &r); err != nil {
			wrong(n, "%v", err)
		}
		if r.Seq != n || r.Prev != prev || r.Request != id || r.Workspace != e.workspace || r.Format != "airlock-audit/1" {
			wrong(n, "it does not continue the chain: seq %d, prev %.8s instead of %.8s, request %s", r.Seq, r.Prev, prev, r.Request)
		}
		prev = hash
		records = append(records, r)
	}
	if e.document.Chain.Length != len(e.audit) || e.document.Chain.Hash != prev {
		problems = append(problems, fmt.Sprintf("the request counts %d audit records, there are %d", e.document.Chain.Length, len(e.audit)))
	}
	return records, problems
}

// walk follows the statuses in the audit records: every step begins where the one before ended, and the last one ends
// in the request's status. It returns the steps taken.
func (e *entry) walk(records []record) (steps []step, problems []string) {
	at := ""
	for _, r := range records {
		if r.To == "" || r.From == r.To {
			continue
		}
		if r.From != at {
			problems = append(problems, fmt.Sprintf("audit record %d goes from %q, the one before ended in %q", r.Seq, r.From, at))
		}
		steps = append(steps, step{r.From, r.To})
		at = r.To
	}
	if at != e.document.Status {
		problems = append(problems, fmt.Sprintf("the audit trail ends in %q, the request is %q", at, e.document.Status))
	}
	return steps, problems
}

// step is one change of status.
type step struct{ from, to string }
