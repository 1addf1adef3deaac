package workflow

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Somebody who creates blobs in the evidence account before the service does can
// neither pass something off as the receipt nor keep the real one away.
func TestAPlantedReceiptReplacesNothing(t *testing.T) {
	c := ended(airlock.Approved)
	c.Receipt, c.Files[0].FinalETag = "", "f"
	own := audit.ReceiptName(c.ID)
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	made := func(key keyring, turn func(r *airlock.Request, ws *airlock.Workspace)) string {
		r, ws := c.Clone(), newTestBed(t).ws
		trailOf(&r)
		turn(&r, &ws)
		body, err := audit.NewReceipt(r, ws, "", airlock.Container{Account: ws.Accounts[airlock.ImportApproved], Name: airlock.ContainerName(r.ID)}).Seal(t.Context(), key.Sign)
		require.NoError(t, err)
		return string(body)
	}
	same := func(*airlock.Request, *airlock.Workspace) {}
	tests := map[string]struct {
		there string
		ours  bool
	}{
		"nothing is there":            {"", true},
		"the same, signed before":     {made(testKey, same), true},
		"before the name was changed": {made(testKey, func(_ *airlock.Request, ws *airlock.Workspace) { ws.DisplayName = "as it was" }), true},
		"signed by somebody else":     {made(keyring{stranger}, same), false},
		"with another title":          {made(testKey, func(r *airlock.Request, _ *airlock.Workspace) { r.Title = "another" }), false},
		"with another reviewer":       {made(testKey, func(r *airlock.Request, _ *airlock.Workspace) { r.Reviews[0].Reviewer.ID = "eve" }), false},
		"with other bytes":            {made(testKey, func(r *airlock.Request, _ *airlock.Workspace) { r.Files[0].SHA256 = "cd" }), false},
		"of another trail":            {made(testKey, func(r *airlock.Request, _ *airlock.Workspace) { r.Chain.Hash = "cd" }), false},
		"another request's":           {made(testKey, func(r *airlock.Request, _ *airlock.Workspace) { r.ID = named(1, submitted()).ID }), false},
		"another workspace's":         {made(testKey, func(_ *airlock.Request, ws *airlock.Workspace) { ws.ID = "def000d3-82da-4bfc-b6e9-9a7853ef753e" }), false},
		"something that is none":      {"{}", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newTestBed(t, c)
			if tt.there != "" {
				b.archive.items["receipts/"+own] = tt.there
			}
			require.NoError(t, b.Advance(t.Context(), b.ws.ID, c.ID, "test"))
			r := b.table.get(c.ID)
			if tt.ours {
				assert.Equal(t, own, r.Receipt)
				assert.Equal(t, 0, b.logs.alerts("evidence_planted"))
			} else {
				assert.Equal(t, 1, b.logs.alerts("evidence_planted"))
			}
			body, err := b.config.Evidence.Read(t.Context(), receiptsContainer, r.Receipt)
			require.NoError(t, err)
			stored, err := audit.OpenReceipt(t.Context(), body, testKey.PublicKey)
			require.NoError(t, err, "the one on record is genuine")
			assert.Equal(t, c.ID, stored.Request)
			assert.Equal(t, "person", stored.Review.Decisions[0].Reviewer.Kind)
			if !tt.ours {
				assert.Equal(t, audit.Beside(own, body), r.Receipt, "named by its own bytes")
			}
		})
	}
}

// A stranger who has the receipt is shown that it counts no more.
func TestARevocationIsSigned(t *testing.T) {
	c := ended(airlock.Approved)
	c.Receipt, c.Files[0].FinalETag = "", "f"
	for name, planted := range map[string]string{"nothing is there": "", "something planted": "{}"} {
		t.Run(name, func(t *testing.T) {
			b := newTestBed(t, c)
			if planted != "" {
				b.archive.items["receipts/"+audit.RevocationName(c.ID)] = planted
			}
			require.NoError(t, b.Advance(t.Context(), b.ws.ID, c.ID, "test"))
			_, err := b.Revoke(t.Context(), bob, b.ws, c.ID, "sent by mistake", "")
			require.NoError(t, err)
			require.NoError(t, b.Advance(t.Context(), b.ws.ID, c.ID, "test"))
			r := b.table.get(c.ID)
			body, err := b.config.Evidence.Read(t.Context(), receiptsContainer, r.Revocation)
			require.NoError(t, err)
			got, err := audit.OpenRevocation(t.Context(), body, testKey.PublicKey)
			require.NoError(t, err)
			assert.Equal(t, audit.ReceiptPerson{Kind: "person", ID: "bob", Name: "Bob"}, got.RevokedBy)
			assert.Equal(t, "sent by mistake", got.Reason)
			assert.Equal(t, r.Receipt, got.Receipt.Name)
			assert.Len(t, got.Receipt.SHA256, 64)
			assert.Equal(t, []string{"receipt_stored", "revoke", "data_deleted", "revocation_stored"}, b.table.actions())
			assert.Equal(t, planted != "", r.Revocation != audit.RevocationName(c.ID))
			assert.True(t, r.Work.Due.IsZero(), "nothing is owed any more")
		})
	}
}

// A crash after the revocation is stored: the one that is there is recorded.
func TestARevocationFoundInPlaceCounts(t *testing.T) {
	c := ended(airlock.Approved)
	c.Receipt, c.Files[0].FinalETag = "", "f"
	b := newTestBed(t, c)
	_, err := b.Revoke(t.Context(), bob, b.ws, c.ID, "too early", "")
	require.NoError(t, err)
	r := b.table.get(c.ID)
	body, err := audit.NewRevocation(r, b.ws, nil).Seal(t.Context(), testKey.Sign)
	require.NoError(t, err)
	b.archive.items["receipts/"+audit.RevocationName(c.ID)] = string(body)
	require.NoError(t, b.Advance(t.Context(), b.ws.ID, c.ID, "test"))
	r = b.table.get(c.ID)
	assert.Equal(t, audit.RevocationName(c.ID), r.Revocation)
	assert.Empty(t, r.Receipt, "a receipt that was not signed before is not signed after")
	assert.Equal(t, 0, b.logs.alerts("evidence_planted"))
}
