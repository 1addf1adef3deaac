package audit

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// approved returns a request that has been through everything.
func approved() airlock.Request {
	at := func(m int) time.Time { return time.Date(2026, 1, 2, 3, m, 0, 0, time.UTC) }
	ada := airlock.Principal{ID: "oid-ada", Name: "Ada", Email: "ada@example.org"}
	bob := airlock.Principal{ID: "oid-bob", Name: "Bob", Email: "bob@example.org"}
	system := airlock.SystemPrincipal("copy")
	return airlock.Request{
		ID: testRequest, Workspace: testWorkspace, Type: airlock.Export, Title: "Tables <1>", Justification: "for the paper",
		Status: airlock.Approved, StatusSince: at(9), CreatedBy: ada, CreatedWhen: at(0), UpdatedBy: system, UpdatedWhen: at(9), Number: 5,
		History: []airlock.Change{
			{Number: 0, When: at(0), By: ada, Status: airlock.Draft}, {Number: 1, When: at(1), By: ada, Status: airlock.Submitted},
			{Number: 2, When: at(2), By: system, Status: airlock.Submitted}, {Number: 3, When: at(3), By: system, Status: airlock.InReview},
			{Number: 4, When: at(8), By: bob, Status: airlock.ApprovalInProgress},
		},
		Files: []airlock.File{{Name: "a.csv", Size: 7, SHA256: "aa", DraftETag: "e1", InProgressETag: "e2", FinalETag: "e3", FinalChecked: true,
			Verdict: &airlock.Verdict{Outcome: airlock.Clean, ETag: "e2", ID: "v1", At: at(2)}},
			{Name: "huge.bin", Size: 1 << 40, DraftETag: "f1", InProgressETag: "f2", FinalETag: "f3", FinalChecked: true}},
		Reviews:      []airlock.Review{{ID: "r1", Reviewer: bob, When: at(8), Decision: airlock.DecisionApproved, Explanation: "small cells suppressed", PolicyVersion: 4}},
		ScanRequired: true, PolicyVersion: 4, ApprovalsRequired: 1, Chain: airlock.ChainHead{Hash: "hh", Length: 9},
	}
}

func TestReceiptSaysWhatWasReleasedAndWhy(t *testing.T) {
	ws := airlock.Workspace{ID: testWorkspace, DisplayName: "Genomics"}
	got := NewReceipt(approved(), ws, "ph", airlock.Container{Account: "stalexapp", Name: airlock.ContainerName(approved().ID)})
	assert.Equal(t, []ReceiptFile{
		{Name: "a.csv", Size: 7, SHA256: "aa", SubmittedETag: "e1", ReviewedETag: "e2", ReleasedETag: "e3", ReleaseChecked: true},
		{Name: "huge.bin", Size: 1 << 40, SubmittedETag: "f1", ReviewedETag: "f2", ReleasedETag: "f3"},
	}, got.Files)
	require.Len(t, got.Scan.Verdicts, 1, "only the verdict for the reviewed bytes")
	assert.Equal(t, "v1", got.Scan.Verdicts[0].ID)
	assert.Equal(t, ReceiptReview{Required: 1, Given: 1, Decisions: []ReceiptDecision{{Reviewer: ReceiptPerson{"person", "oid-bob", "Bob"},
		Decision: airlock.DecisionApproved, Explanation: "small cells suppressed", At: time.Date(2026, 1, 2, 3, 8, 0, 0, time.UTC), PolicyVersion: 4}}}, got.Review)
	assert.Equal(t, ReceiptEgress{Approvers: []airlock.UserID{"oid-bob"}, At: time.Date(2026, 1, 2, 3, 8, 0, 0, time.UTC),
		Mitigation: []string{"small cells suppressed"}, Scope: ReceiptScope{airlock.Export, 2, 1<<40 + 7}, Project: testWorkspace}, got.Egress)
	var steps []airlock.Status
	for _, s := range got.Steps {
		steps = append(steps, s.Status)
	}
	assert.Equal(t, []airlock.Status{airlock.Draft, airlock.Submitted, airlock.InReview, airlock.ApprovalInProgress, airlock.Approved}, steps)
	assert.Equal(t, airlock.ChainHead{Hash: "hh", Length: 9}, got.Chain)
	text, err := json.Marshal(got)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "@example.org", "a receipt goes outside: no addresses")
}

func TestReceiptIsSigned(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	sign := func(_ context.Context, digest []byte) ([]byte, string, error) {
		r, s, err := ecdsa.Sign(rand.Reader, key, digest)
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), "https://vault/keys/k/1", err
	}
	body, err := NewReceipt(approved(), airlock.Workspace{ID: testWorkspace}, "ph", airlock.Container{Account: "acct", Name: airlock.ContainerName(approved().ID)}).Seal(t.Context(), sign)
	require.NoError(t, err)
	var e Envelope
	require.NoError(t, json.Unmarshal(body, &e))
	assert.Equal(t, "application/vnd.airlock.receipt+json", e.PayloadType)
	assert.Equal(t, "https://vault/keys/k/1", e.Signatures[0].KeyID)
	payload, err := base64.StdEncoding.DecodeString(e.Payload)
	require.NoError(t, err)
	assert.Contains(t, string(payload), "Tables <1>", "characters stay as they are")
	digest := sha256.Sum256(preAuth(e.PayloadType, payload))
	sig, err := base64.StdEncoding.DecodeString(e.Signatures[0].Sig)
	require.NoError(t, err)
	assert.True(t, ecdsa.VerifyASN1(&key.PublicKey, digest[:], sig))

	back, err := OpenReceipt(t.Context(), body, func(context.Context, string) (*ecdsa.PublicKey, error) { return &key.PublicKey, nil })
	require.NoError(t, err)
	assert.Equal(t, testRequest, back.Request)
	_, _, err = OpenAnchor(t.Context(), body, func(context.Context, string) (*ecdsa.PublicKey, error) { return &key.PublicKey, nil })
	require.ErrorIs(t, err, ErrBadEnvelope, "a receipt is no anchor")
}

func TestAReceiptWithoutASignatureIsNone(t *testing.T) {
	r := NewReceipt(approved(), airlock.Workspace{}, "", airlock.Container{})
	away := errors.New("vault is away")
	_, err := r.Seal(t.Context(), func(context.Context, []byte) ([]byte, string, error) { return nil, "", away })
	require.ErrorIs(t, err, away)
	_, err = r.Seal(t.Context(), func(context.Context, []byte) ([]byte, string, error) { return []byte("short"), "k", nil })
	require.Error(t, err)
	for _, body := range []string{"", "{}", `{"payloadType":"application/vnd.airlock.receipt+json","payload":"!"}`, `{"payloadType":"application/vnd.airlock.receipt+json","payload":"e30="}`} {
		_, err := OpenReceipt(t.Context(), []byte(body), testPublic)
		require.ErrorIs(t, err, ErrBadEnvelope, body)
	}
}

// The pre-authentication encoding is DSSE's own example.
func TestPreAuth(t *testing.T) {
	assert.Equal(t, "DSSEv1 29 http://example.com/HelloWorld 11 hello world", string(preAuth("http://example.com/HelloWorld", []byte("hello world"))))
}
