package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

var contents = map[string]string{"a table.csv": "1,2\n", "sub/b.csv": "3"}

func TestReceipt(t *testing.T) {
	good := func() airlock.Request { return released(airlock.ChainHead{}, contents) }
	tests := []struct {
		name   string
		change func(r *airlock.Request)
		want   string // "" = verified
	}{
		{"as it should be", func(*airlock.Request) {}, ""},
		{"too few approvals", func(r *airlock.Request) { r.ApprovalsRequired = 2 }, "1 of 2 approvals"},
		{"one reviewer counted twice", func(r *airlock.Request) {
			r.ApprovalsRequired = 2
			r.Reviews = append(r.Reviews, r.Reviews[0])
		}, "1 of 2 approvals"},
		{"no approval asked for", func(r *airlock.Request) { r.ApprovalsRequired = 0 }, "asks for no approval"},
		{"the requestor approved", func(r *airlock.Request) { r.Reviews[0].Reviewer.ID = "ada" }, "approved their own request"},
		{"the requestor approved, as the policy allows", func(r *airlock.Request) { r.Reviews[0].Reviewer.ID, r.SelfReviewed = "ada", true }, ""},
		{"malware", func(r *airlock.Request) {
			r.Files[0].Verdict = &airlock.Verdict{Outcome: airlock.Malicious, ETag: "any", ID: "v"}
		}, "was released with the verdict malicious"},
		{"clean, said of an earlier copy", func(r *airlock.Request) {
			r.Files[0].EarlierETags = []string{"before"}
			r.Files[0].Verdict = &airlock.Verdict{Outcome: airlock.Clean, ETag: "before", ID: "v"}
		}, ""},
		{"never compared", func(r *airlock.Request) { r.Files[0].FinalChecked = false }, "the released bytes were not compared with the reviewed ones"},
		{"an application approved", func(r *airlock.Request) { r.Reviews[0].Reviewer.Application = true }, "approved, which people do"},
		{"an application approved, as the policy allows", func(r *airlock.Request) { r.Reviews[0].Reviewer.Application, r.ApplicationsReview = true, true }, ""},
		{"no ETag", func(r *airlock.Request) { r.Files[0].FinalETag = "" }, "does not say which bytes"},
		{"another trail", func(r *airlock.Request) { r.Chain.Hash = "0" }, "not the one the receipt was signed with"},
		{"other bytes", func(r *airlock.Request) { r.Files[0].SHA256 = strings.Repeat("0", 64) }, "has other bytes than were released"},
		{"another size", func(r *airlock.Request) { r.Files[0].Size++ }, "were released"},
		{"a file that is not there", func(r *airlock.Request) { r.Files[0].Name = "c.csv" }, "c.csv is missing"},
		{"a name that leads out", func(r *airlock.Request) { r.Files[0].Name = "../outside" }, "../outside cannot be read"},
		{"a file above the limit for hashing", func(r *airlock.Request) { r.Files[0].SHA256 = "" }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := good()
			tt.change(&r)
			chain := r.Chain
			trail := told(t, &r)
			if chain.Hash != "" {
				r.Chain.Hash = chain.Hash
			}
			receipt, public := signedReceipt(t, r)
			parent := t.TempDir()
			save(t, parent, "outside", []byte("secret"))
			dir := filepath.Join(parent, "files")
			for name, content := range contents {
				save(t, dir, name, []byte(content))
			}
			code, out := verify("receipt", receipt, "--public-key", public, "--files", dir, "--trail", trail.save(t, t.TempDir(), "t.json"))
			if tt.want == "" {
				assert.Equal(t, 0, code, out)
				return
			}
			assert.Equal(t, 1, code, out)
			assert.Contains(t, out, tt.want)
		})
	}
}

func TestAReceiptThatWasEditedSaysNothing(t *testing.T) {
	file, public := signedReceipt(t, released(airlock.ChainHead{}, contents))
	body, err := os.ReadFile(file)
	require.NoError(t, err)
	changed := save(t, t.TempDir(), "release.json", edited(t, body, `"approvalsRequired":1`, `"approvalsRequired":0`))
	code, out := verify("receipt", changed, "--public-key", public)
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "not signed with the keys given, or was edited")
	assert.NotContains(t, out, "OK")
	code, _ = verify("receipt", file, "--keys", pemFile(t, newKey()))
	assert.Equal(t, 1, code, "another key's receipt")
	code, out = verify("receipt", save(t, t.TempDir(), "x", []byte("{}")), "--public-key", public)
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "is no receipt")
}

func TestAFileThatWasNotReleasedShows(t *testing.T) {
	file, public := signedReceipt(t, released(airlock.ChainHead{}, contents))
	dir := t.TempDir()
	for name, content := range contents {
		save(t, dir, name, []byte(content))
	}
	save(t, dir, "sub/smuggled.csv", []byte("x"))
	code, out := verify("receipt", file, "--public-key", public, "--files", dir)
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "sub/smuggled.csv is not in the receipt")
}

// The files that `airlock download` leaves beside are no strangers, as long as they say the same as the receipt.
func TestTheReceiptAndTheChecksumsMayLieBesideTheFiles(t *testing.T) {
	file, public := signedReceipt(t, released(airlock.ChainHead{}, contents))
	stored, err := os.ReadFile(file)
	require.NoError(t, err)
	sums := ""
	for name, content := range contents {
		sums += fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(content)), name)
	}
	first, _, _ := strings.Cut(sums, "\n")
	for _, tt := range []struct {
		name, receipt, sums string
		want                int
	}{
		{"both", string(stored), sums, 0},
		{"another receipt", string(stored) + " ", sums, 1},
		{"another checksum", string(stored), strings.Repeat("0", 64) + first[64:] + "\n", 1},
		{"a line twice", string(stored), first + "\n" + first + "\n", 1},
		{"something else", string(stored), sums + "patient 4711\n", 1},
	} {
		dir := t.TempDir()
		for name, content := range contents {
			save(t, dir, name, []byte(content))
		}
		save(t, dir, "release.json", []byte(tt.receipt))
		save(t, dir, "SHA256SUMS", []byte(tt.sums))
		code, out := verify("receipt", file, "--public-key", public, "--files", dir)
		assert.Equal(t, tt.want, code, "%s\n%s", tt.name, out)
	}
}
