package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

func read(t *testing.T, file string) []byte {
	t.Helper()
	body, err := os.ReadFile(file)
	require.NoError(t, err)
	return body
}

// written puts documents into a folder.
func saveAll(t *testing.T, documents map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, body := range documents {
		save(t, dir, name, body)
	}
	return dir
}

func TestEvidenceOfARelease(t *testing.T) {
	keys := setFile(t, serviceKey)
	documents := newFolder(t).documents(t)
	dir := saveAll(t, documents)
	code, out := verify(dir, "--keys", keys)
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "exported 2026-01-02T03:15:00Z, and complete")
	assert.Contains(t, out, "gates passed, then 1 approval for exactly these bytes, by Bob")
	assert.Contains(t, out, "as anchored, up to record")

	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, body := range documents {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = w.Write(body)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	archive := save(t, t.TempDir(), "evidence.zip", b.Bytes())
	files := t.TempDir()
	for name, content := range contents {
		save(t, files, name, []byte(content))
	}
	code, out = verify("evidence", archive, "--keys", keys, "--files", files)
	assert.Equal(t, 0, code, out)
	save(t, files, "more.csv", nil)
	code, _ = verify(archive, "--keys", keys, "--files", files)
	assert.Equal(t, 1, code)

	code, out = verify(dir)
	assert.Equal(t, 1, code, "keys that come along prove nothing")
	assert.Contains(t, out, "NOT VERIFIED: all agrees with the keys that came along")
	code, out = verify(dir, "--keys", setFile(t, newKey()))
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "release.json is not signed with the keys given")
	assert.Contains(t, out, "they count for nothing")
	for _, none := range []string{filepath.Join(dir, "nothing"), save(t, t.TempDir(), "x.zip", []byte("x"))} {
		code, _ = verify(none, "--keys", keys)
		assert.Equal(t, 2, code)
	}
	code, out = verify(t.TempDir(), "--keys", keys)
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "release.json is missing")
}

// The person who hands the evidence on may leave out or change any part.
func TestEvidenceThatWasTamperedWith(t *testing.T) {
	tests := map[string]struct {
		change func(t *testing.T, documents map[string][]byte)
		want   string
	}{
		"the trail left out":   {func(_ *testing.T, d map[string][]byte) { delete(d, "history.json") }, "history.json is missing: it was exported with the rest"},
		"the receipt left out": {func(_ *testing.T, d map[string][]byte) { delete(d, "release.json") }, "release.json is missing"},
		"the anchors left out": {func(_ *testing.T, d map[string][]byte) { delete(d, "anchors/"+entryName(1)) }, "anchors/000000000001.json is missing"},
		"the receipt edited": {func(t *testing.T, d map[string][]byte) {
			d["release.json"] = edited(t, d["release.json"], "Tables", "Fables")
		}, "release.json is not signed"},
		"the trail edited": {func(_ *testing.T, d map[string][]byte) {
			d["history.json"] = bytes.Replace(d["history.json"], []byte("fine"), []byte("mine"), 1)
		}, "was edited"},
		"the statement edited": {func(t *testing.T, d map[string][]byte) {
			d["export.json"] = edited(t, d["export.json"], "03:15", "03:16")
		}, "export.json is not signed"},
		"an anchor nobody signed": {func(t *testing.T, d map[string][]byte) {
			delete(d, "export.json")
			d["anchors/"+entryName(2)] = []byte("{}")
		}, "anchor 2 cannot be read"},
		"another release's statement": {func(t *testing.T, d map[string][]byte) {
			other := newFolder(t)
			other.files["more"] = nil
			d["export.json"] = other.documents(t)["export.json"]
		}, "more is missing"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			documents := newFolder(t).documents(t)
			tt.change(t, documents)
			code, out := verify(saveAll(t, documents), "--keys", setFile(t, serviceKey))
			assert.Equal(t, 1, code, out)
			assert.Contains(t, out, tt.want)
		})
	}
}

// Somebody who can write the state table has had a genuine receipt signed over a trail
// of their own making. The replay refuses it in spite of its good signatures.
func TestAReceiptWhoseTrailDoesNotBearItOut(t *testing.T) {
	tests := map[string]struct {
		action string
		change func(rec *audit.Record)
		want   string
	}{
		"an approval nobody gave":       {"approve", func(rec *audit.Record) { rec.Actor.ID, rec.Actor.Name = "eve", "Eve" }, "no record says that Bob decided"},
		"an approval with other words":  {"approve", func(rec *audit.Record) { rec.Reason = "sure" }, "no record says that Bob decided"},
		"an approval of other bytes":    {"approve", func(rec *audit.Record) { rec.Files[0].ETag = "x" }, "Bob reviewed other bytes than passed the gates"},
		"an approval by an application": {"approve", func(rec *audit.Record) { rec.Actor.Kind = audit.Application }, "which only people do"},
		"an approval by the requestor":  {"create", func(rec *audit.Record) { rec.Actor.ID = "bob" }, "Bob reviewed their own request"},
		"by somebody with a write link": {"link_issued", func(rec *audit.Record) { rec.Actor.ID = "bob" }, "Bob reviewed their own request"},
		"an import by the reviewer": {"create", func(rec *audit.Record) {
			rec.Action, rec.OnBehalfOf, rec.Actor = "imported", "bob", audit.Actor{Kind: audit.System, Component: "import"}
		}, "Bob reviewed their own request"},
		"an import by a person": {"create", func(rec *audit.Record) { rec.Action = "imported" }, "an import by the system makes a draft"},
		"imported as approved": {"create", func(rec *audit.Record) {
			rec.Action, rec.To, rec.Actor = "imported", airlock.Approved, audit.Actor{Kind: audit.System, Component: "import"}
		}, "was not released here"},
		"too few":                       {"approve", func(rec *audit.Record) { rec.Detail["approvals"] = "1 of 2" }, "1 of 2 approvals since the files passed the gates"},
		"no approval":                   {"approve", func(rec *audit.Record) { rec.Action = "approved_by_magic" }, `nothing but "approve" leads`},
		"gates that other bytes passed": {"gates_passed", func(rec *audit.Record) { rec.Files[0].SHA256 = "x" }, "other bytes than passed the gates"},
		"gates that a person passed":    {"gates_passed", func(rec *audit.Record) { rec.Actor.Kind = audit.Person }, "it is not for the actor"},
		"gates never passed":            {"gates_passed", func(rec *audit.Record) { rec.To = rec.From }, "and the records before lead to \"submitted\""},
		"another manifest":              {"submit", func(rec *audit.Record) { rec.Files[0].Size++ }, "what was submitted by record 3 is not what the receipt says"},
		"one file more":                 {"submit", func(rec *audit.Record) { rec.Files = append(rec.Files, audit.FileEvidence{Name: "x", ETag: "x"}) }, "3 files were submitted"},
		"other bytes released":          {"copy_verified", func(rec *audit.Record) { rec.Files[0].SHA256 = "x" }, "what was released by record"},
		"a verdict nobody gave":         {"scan_verdict", func(rec *audit.Record) { rec.Detail["outcome"] = "error" }, "was scanned with the outcome clean"},
		"records of another request":    {"submit", func(rec *audit.Record) { rec.Action = "cancel"; rec.To = airlock.Cancelled }, "lead to \"cancelled\""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			length := f.request.Chain.Length
			f.trail = f.trail.retold(t, f.trail.find(t, tt.action), tt.change)
			f.request.Chain = airlock.ChainHead{Hash: f.trail.Records[length-1].Hash, Length: length}
			f.seal(t)
			code, out := verify(saveAll(t, f.documents(t)), "--keys", setFile(t, serviceKey))
			assert.Equal(t, 1, code, out)
			assert.Contains(t, out, tt.want)
		})
	}
}

// Bob approved in a turn that ended with the request being sent back. In the next one Cleo
// alone did.
func TestApprovalsOfAnEarlierTurn(t *testing.T) {
	f := newFolder(t)
	f.trail = f.trail.sentBackBefore(t, f.trail.find(t, "approve"))
	length := len(f.trail.Records) - 1
	f.request.Chain = airlock.ChainHead{Hash: f.trail.Records[length-1].Hash, Length: length}
	f.seal(t)
	code, out := verify(saveAll(t, f.documents(t)), "--keys", setFile(t, serviceKey))
	assert.Equal(t, 1, code, out)
	assert.Contains(t, out, "1 of 2 approvals since the files passed the gates")
}

// A trail that was rewritten, cut or kept out of the log after the receipt was signed.
func TestEvidenceAgainstTheAnchors(t *testing.T) {
	keys := setFile(t, serviceKey)
	check := func(f *folder) (int, string) { return verify(saveAll(t, f.documents(t)), "--keys", keys) }
	f := newFolder(t)
	whole := f.trail.headAt(len(f.trail.Records))
	f.trail.Records = f.trail.Records[:len(f.trail.Records)-1]
	f.trail.Head = airlock.ChainHead{Hash: f.trail.Records[len(f.trail.Records)-1].Hash, Length: len(f.trail.Records)}
	f.history(t)
	code, out := check(f)
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "the trail was cut off: anchor 1 knows")

	f = newFolder(t)
	f.anchor(t, audit.AnchoredHead{Trail: whole.Trail, Length: whole.Length, Hash: "00"})
	code, out = check(f)
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "was rewritten: anchor 1 has another hash")

	f = newFolder(t)
	delete(f.files, "anchors/"+entryName(1))
	f.at = f.at.Add(time.Hour)
	code, out = check(f)
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "is in no anchor")
	f.at = time.Date(2026, 1, 2, 3, 10, 0, 0, time.UTC) // minutes after it was made
	code, out = check(f)
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "not anchored yet")
	documents := f.documents(t)
	delete(documents, "export.json")
	code, _ = verify(saveAll(t, documents), "--keys", keys)
	assert.Equal(t, 1, code, "without the statement it was exported now")
}

// Malware that was reported late has the airlock itself revoke, where the policy says so.
func TestAReleaseTheAirlockRevoked(t *testing.T) {
	f := newFolder(t)
	f.trail.add(t, audit.Record{At: f.at, Actor: audit.Actor{Kind: audit.System, Component: "scan gate"}, Action: audit.Of(airlock.TriggerLateMalware),
		From: airlock.Approved, To: airlock.Revoked, Reason: "Malware was found."})
	f.anchor(t, f.trail.headAt(len(f.trail.Records)))
	f.history(t)
	code, out := verify(saveAll(t, f.documents(t)), "--keys", setFile(t, serviceKey))
	assert.Equal(t, 1, code, out)
	assert.Contains(t, out, "by the airlock: Malware was found.")
	assert.Contains(t, out, "REVOKED: the evidence is genuine")
}

func TestARevokedReleaseIsNotVerified(t *testing.T) {
	keys := setFile(t, serviceKey)
	f := newFolder(t)
	at := time.Date(2026, 1, 2, 3, 14, 30, 0, time.UTC)
	f.trail.add(t, audit.Record{At: at, Actor: audit.Actor{Kind: audit.Person, ID: "bob", Name: "Bob"}, Action: "revoke", From: airlock.Approved, To: airlock.Revoked, Reason: "sent by mistake"})
	f.anchor(t, f.trail.headAt(len(f.trail.Records)))
	f.history(t)
	code, out := verify(saveAll(t, f.documents(t)), "--keys", keys)
	assert.Equal(t, 1, code, "the trail says so: %s", out)
	assert.Contains(t, out, "REVOKED 2026-01-02T03:14:30Z by Bob: sent by mistake")
	assert.Contains(t, out, "REVOKED: the evidence is genuine")

	r := f.request
	r.Status, r.StatusSince, r.Receipt = airlock.Revoked, at, "x/release.json"
	r.Reviews = append(r.Reviews, airlock.Review{Reviewer: airlock.Principal{ID: "bob", Name: "Bob"}, Decision: airlock.DecisionRevoked, Explanation: "sent by mistake"})
	revoked, err := audit.NewRevocation(r, airlock.Workspace{ID: workspace1}, f.files["release.json"]).Seal(t.Context(), signWith(serviceKey))
	require.NoError(t, err)
	f.files["revoked.json"] = revoked
	documents := f.documents(t)
	code, out = verify(saveAll(t, documents), "--keys", keys)
	assert.Equal(t, 1, code, out)
	assert.Contains(t, out, "REVOKED: the evidence is genuine")
	delete(documents, "revoked.json")
	code, out = verify(saveAll(t, documents), "--keys", keys)
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "revoked.json is missing: it was exported with the rest")

	forged, err := audit.NewRevocation(r, airlock.Workspace{ID: workspace1}, f.files["release.json"]).Seal(t.Context(), signWith(newKey()))
	require.NoError(t, err)
	for _, planted := range [][]byte{forged, []byte("{}")} {
		g := newFolder(t)
		g.files["revoked.json"] = planted
		code, out = verify(saveAll(t, g.documents(t)), "--keys", keys)
		assert.Equal(t, 1, code)
		assert.NotContains(t, out, "REVOKED: ", "nobody can withdraw a release but the service")
	}
}
