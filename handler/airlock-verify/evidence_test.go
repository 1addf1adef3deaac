package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// The service's own writer makes the evidence of these tests, so that the two
// sides of the published format cannot drift apart. The program itself does not
// know it.

const (
	workspace1 = airlock.WorkspaceID("aaaaaaaa-0000-4000-8000-000000000001")
	request1   = airlock.RequestID("bbbbbbbb-0000-4000-8000-000000000001")
	request2   = airlock.RequestID("bbbbbbbb-0000-4000-8000-000000000002")
)

// serviceKey is the service's signing key.
var serviceKey = newKey()

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

func signWith(key *ecdsa.PrivateKey) audit.Sign {
	return func(_ context.Context, digest []byte) ([]byte, string, error) {
		r, s, err := ecdsa.Sign(rand.Reader, key, digest)
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), "key-1", err
	}
}

// pemFile writes the public half of a key, setFile a key set of several as the API answers it.
func pemFile(t *testing.T, key *ecdsa.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(t, err)
	return save(t, t.TempDir(), "pub.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func setFile(t *testing.T, keys ...*ecdsa.PrivateKey) string {
	t.Helper()
	return save(t, t.TempDir(), "receipt-keys.json", keySet(t, keys...))
}

func keySet(t *testing.T, keys ...*ecdsa.PrivateKey) []byte {
	t.Helper()
	all := []map[string]string{}
	for i, key := range keys {
		point, err := key.PublicKey.Bytes()
		require.NoError(t, err)
		b64 := base64.RawURLEncoding.EncodeToString
		all = append(all, map[string]string{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": fmt.Sprint("key-", i+1), "x": b64(point[1:33]), "y": b64(point[33:])})
	}
	body, err := json.Marshal(map[string]any{"keys": all})
	require.NoError(t, err)
	return body
}

// exported is the answer of GET …/history.
type exported struct {
	Request   airlock.RequestID   `json:"requestId"`
	Workspace airlock.WorkspaceID `json:"workspaceId"`
	Head      airlock.ChainHead   `json:"head"`
	Exported  time.Time           `json:"exportedAt"`
	Records   []storedRecord      `json:"records"`
}

// written returns the trail of a request with one record per action.
func written(t *testing.T, id airlock.RequestID, actions ...string) exported {
	t.Helper()
	e := exported{Request: id, Workspace: workspace1, Exported: time.Date(2026, 1, 2, 3, 15, 0, 0, time.UTC), Records: []storedRecord{}}
	for i, action := range actions {
		sealed, head, err := audit.Seal(e.Head, audit.Record{Workspace: workspace1, Request: id, Action: audit.Action(action),
			At: time.Date(2026, 1, 2, 3, i, 0, 0, time.UTC), Actor: audit.Actor{Kind: audit.Person, Name: "Ada <a&b>"}})
		require.NoError(t, err)
		e.Head = head
		e.Records = append(e.Records, storedRecord{Seq: head.Length, Hash: sealed.Hash, Body: string(sealed.Body)})
	}
	return e
}

func (e exported) save(t *testing.T, dir, name string) string {
	t.Helper()
	body, err := json.Marshal(e)
	require.NoError(t, err)
	return save(t, dir, name, body)
}

func save(t *testing.T, dir, name string, body []byte) string {
	t.Helper()
	file := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, body, 0o600))
	return file
}

// anchored writes a log into a new directory, one entry per list of heads.
func anchored(t *testing.T, key *ecdsa.PrivateKey, entries ...[]audit.AnchoredHead) string {
	t.Helper()
	dir := t.TempDir()
	var tail audit.Tail
	for i, heads := range entries {
		body, next, err := audit.NewAnchor(tail, heads, time.Date(2026, 1, 2, 4, i, 0, 0, time.UTC)).Seal(t.Context(), signWith(key))
		require.NoError(t, err)
		tail = next
		save(t, dir, audit.AnchorName(tail.Seq), body)
	}
	return dir
}

// headAt is the head of a trail when it had n records.
func (e exported) headAt(n int) audit.AnchoredHead {
	return audit.AnchoredHead{Trail: audit.TrailID{Workspace: e.Workspace, Request: e.Request}.Name(), Length: n, Hash: e.Records[n-1].Hash}
}

// signedReceipt returns the files of a receipt for r and of the public key.
func signedReceipt(t *testing.T, r airlock.Request) (receiptFile, publicKey string) {
	t.Helper()
	body, err := audit.NewReceipt(r, airlock.Workspace{ID: workspace1, DisplayName: "Genomics"}, "ph", airlock.Container{Account: "stalexapp", Name: airlock.ContainerName(r.ID)}).Seal(t.Context(), signWith(serviceKey))
	require.NoError(t, err)
	return save(t, t.TempDir(), "release.json", body), pemFile(t, serviceKey)
}

// released is an approved request of two files with these contents.
func released(chain airlock.ChainHead, contents map[string]string) airlock.Request {
	r := airlock.Request{
		ID: request1, Workspace: workspace1, Type: airlock.Export, Title: "Tables", Status: airlock.Approved, StatusSince: time.Date(2026, 1, 2, 5, 0, 0, 0, time.UTC),
		CreatedBy: airlock.Principal{ID: "ada", Name: "Ada"}, ScanRequired: true, ApprovalsRequired: 1, Chain: chain,
		Reviews: []airlock.Review{{Reviewer: airlock.Principal{ID: "bob", Name: "Bob"}, Decision: airlock.DecisionApproved, Explanation: "fine"}},
	}
	for name, content := range contents {
		sum := sha256.Sum256([]byte(content))
		etag := "e-" + name
		r.Files = append(r.Files, airlock.File{Name: name, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]),
			DraftETag: "d", InProgressETag: etag, FinalETag: "f", FinalChecked: true, Verdict: &airlock.Verdict{Outcome: airlock.Clean, ETag: etag, ID: "v"}})
	}
	return r
}

// verify runs the program and returns its exit code and all it printed.
func verify(args ...string) (int, string) {
	var out bytes.Buffer
	code := run(args, &out, &out)
	return code, out.String()
}

// edited returns the envelope with its payload changed and everything else kept.
func edited(t *testing.T, body []byte, old, changed string) []byte {
	t.Helper()
	var e map[string]any
	require.NoError(t, json.Unmarshal(body, &e))
	payload, err := base64.StdEncoding.DecodeString(e["payload"].(string))
	require.NoError(t, err)
	require.Contains(t, string(payload), old)
	e["payload"] = base64.StdEncoding.EncodeToString(bytes.Replace(payload, []byte(old), []byte(changed), 1))
	out, err := json.Marshal(e)
	require.NoError(t, err)
	return out
}
