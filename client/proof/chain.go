package proof

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

const recordFormat = "airlock-audit/1"

// Record is a record of an audit trail as the API shows it.
type Record struct {
	Seq  int    `json:"seq"`
	Hash string `json:"hash"`
	Body string `json:"body"`
}

// Head is the end of a trail.
type Head struct {
	Hash   string `json:"hash"`
	Length int    `json:"length"`
}

// CheckChain recomputes the chain of a request's trail from the bodies and returns everything that is
// wrong with it, a line each. hidden counts the records whose body the service does not
// show to the caller: of those only the places in the chain were checked.
func CheckChain(workspace, request string, records []Record, head Head) (wrong []string, hidden int) {
	before := ""
	for i, r := range records {
		if r.Seq != i+1 {
			wrong = append(wrong, fmt.Sprintf("record %d stands at place %d", r.Seq, i+1))
		}
		if r.Body == "" {
			hidden++
			before = r.Hash
			continue
		}
		sum := sha256.Sum256([]byte(r.Body))
		if got := hex.EncodeToString(sum[:]); got != r.Hash {
			wrong = append(wrong, fmt.Sprintf("record %d: the body has the hash %s, not %s", r.Seq, got, r.Hash))
		}
		var link struct {
			Format    string `json:"format"`
			Workspace string `json:"workspace"`
			Request   string `json:"request"`
			Prev      string `json:"prev"`
			Seq       int    `json:"seq"`
		}
		switch err := json.Unmarshal([]byte(r.Body), &link); {
		case err != nil:
			wrong = append(wrong, fmt.Sprintf("record %d cannot be read", r.Seq))
		case link.Format != recordFormat || link.Workspace != workspace || link.Request != request:
			wrong = append(wrong, fmt.Sprintf("record %d belongs to something else", r.Seq))
		case link.Prev != before:
			wrong = append(wrong, fmt.Sprintf("record %d does not follow record %d", r.Seq, r.Seq-1))
		case link.Seq != r.Seq:
			wrong = append(wrong, fmt.Sprintf("record %d says that it is record %d", r.Seq, link.Seq))
		}
		before = r.Hash
	}
	if len(records) != head.Length || before != head.Hash {
		wrong = append(wrong, fmt.Sprintf("the trail ends with record %d, the request's head is record %d", len(records), head.Length))
	}
	return wrong, hidden
}
