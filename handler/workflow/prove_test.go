package workflow

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// released are the files in a request's approved account.
func (b *testBed) released(id airlock.RequestID) []airlock.Blob {
	return b.storage.blobs[airlock.Container{Account: string(airlock.ImportApproved), Name: airlock.ContainerName(id)}]
}

func TestNothingIsReleasedWithoutItsTrail(t *testing.T) {
	tests := map[string]struct {
		damage func(b *testBed, r airlock.Request)
		want   airlock.Status
	}{
		"whole": {func(*testBed, airlock.Request) {}, airlock.Approved},
		"an invented review": {func(b *testBed, r airlock.Request) {
			r.Reviews = append(r.Reviews, airlock.Review{ID: "x", Reviewer: airlock.Principal{ID: "eve"}, When: noon, Decision: airlock.DecisionApproved})
			b.table.put(r)
		}, airlock.Failed},
		"a row put forward": {func(b *testBed, r airlock.Request) {
			b.table.trails[r.ID] = b.table.trails[r.ID][:3]
			r.Chain = airlock.ChainHead{Hash: b.table.trails[r.ID][2].Hash, Length: 3}
			b.table.put(r)
		}, airlock.Failed},
		"a record removed":      {func(b *testBed, r airlock.Request) { b.table.trails[r.ID] = b.table.trails[r.ID][:3] }, airlock.Failed},
		"another request's":     {func(b *testBed, r airlock.Request) { b.table.trails[r.ID] = trailOf(&named(7, approving("1")).Request) }, airlock.Failed},
		"other bytes on record": {func(b *testBed, r airlock.Request) { r.Files[0].InProgressETag = "x"; b.table.put(r) }, airlock.Failed},
		"an older row, its trail cut": {func(b *testBed, r airlock.Request) {
			// The log of anchors knows that the request went on from here.
			head := audit.AnchoredHead{Trail: audit.TrailOf(r).Name(), Length: r.Chain.Length + 1, Hash: "ab"}
			entries, err := b.anchors.Add(b.t.Context(), []audit.AnchoredHead{head}, noon)
			require.NoError(b.t, err)
			b.archive.items["anchors/"+headName(head, entries[0])] = ""
		}, airlock.Failed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := approving("1")
			b := newTestBed(t, c)
			b.storage.blobs[airlock.Container{Account: string(airlock.ImportInProgress), Name: airlock.ContainerName(c.ID)}] = []airlock.Blob{{Name: "1.csv", Size: 1, ETag: "1"}}
			tt.damage(b, b.table.get(c.ID))
			require.NoError(t, b.Advance(t.Context(), b.ws.ID, c.ID, "test"))
			r := b.table.get(c.ID)
			assert.Equal(t, tt.want, r.Status)
			if tt.want == airlock.Approved {
				assert.NotEmpty(t, r.Receipt)
				assert.NotEmpty(t, b.released(c.ID))
				return
			}
			assert.Empty(t, b.released(c.ID), "nothing has moved")
			assert.Equal(t, "state_damaged", r.Failure.Code)
			assert.Equal(t, 1, b.logs.alerts("state_damaged"))
			assert.Equal(t, "Request failed: its audit trail does not bear out the release.", r.StatusMessage)
		})
	}
}

// A failure cannot call back files that are out already; they get no receipt, and
// an airlock manager may revoke the release.
func TestNoReceiptWithoutItsTrail(t *testing.T) {
	c := ended(airlock.Approved)
	c.Receipt, c.Files[0].FinalETag = "", "f"
	b := newTestBed(t, c)
	r := b.table.get(c.ID)
	r.Files[0].SHA256 = "cd"
	b.table.put(r)
	require.NoError(t, b.Advance(t.Context(), b.ws.ID, c.ID, "test"))
	r = b.table.get(c.ID)
	assert.Empty(t, r.Receipt)
	assert.Empty(t, b.archive.names("receipts/"))
	assert.Equal(t, 1, b.logs.alerts("state_damaged"))
	assert.True(t, r.Work.Due.After(noon), "looked at again")
	_, err := b.Revoke(t.Context(), bob, b.ws, c.ID, "out", "")
	require.NoError(t, err)
}

// A record that somebody writes between the two reads is no damage.
func TestARaceIsNoDamage(t *testing.T) {
	c := approving("1")
	b := newTestBed(t, c)
	was := b.table.get(c.ID)
	now := was.Clone()
	sealed, head, err := audit.Seal(was.Chain, audit.Record{Workspace: was.Workspace, Request: was.ID, Action: "link_issued"})
	require.NoError(t, err)
	now.Chain = head
	b.table.put(now)
	b.table.trails[c.ID] = append(b.table.trails[c.ID], rowOf(sealed))
	_, err = b.prove(t.Context(), was, audit.Replay)
	require.ErrorIs(t, err, airlock.ErrStale)
}

// The scanner found malware after the gate was passed, and its event was lost: the tag
// tells of it before the release is done.
func TestTheTagsAreReadOnceMoreBeforeARelease(t *testing.T) {
	given := func() (*testBed, airlock.RequestID) {
		c := approving("1")
		b := newTestBed(t, c)
		b.storage.blobs[airlock.Container{Account: string(airlock.ImportInProgress), Name: airlock.ContainerName(c.ID)}] = []airlock.Blob{{Name: "1.csv", Size: 1, ETag: "1"}}
		return b, c.ID
	}
	t.Run("malicious", func(t *testing.T) {
		b, id := given()
		b.tagged("1", "Malicious")
		require.NoError(t, b.Advance(t.Context(), b.ws.ID, id, "test"))
		r := b.table.get(id)
		assert.Equal(t, airlock.BlockedByScan, r.Status)
		assert.Empty(t, r.Receipt)
		assert.Contains(t, b.table.actions(), "scan_verdict")
		assert.Contains(t, b.storage.deleted, string(airlock.ImportApproved)+"/"+string(id))
	})
	t.Run("of other bytes", func(t *testing.T) {
		b, id := given()
		b.tagged("0", "Malicious")
		require.NoError(t, b.Advance(t.Context(), b.ws.ID, id, "test"))
		assert.Equal(t, airlock.Approved, b.table.get(id).Status)
	})
	t.Run("unreadable for a while", func(t *testing.T) {
		b, id := given()
		b.storage.tagFault = &airlock.Fault{Kind: airlock.Transient, Code: "ServerBusy", Operation: "read scan tags", Account: "stalimip"}
		require.NoError(t, b.Advance(t.Context(), b.ws.ID, id, "test"))
		r := b.table.get(id)
		assert.Equal(t, airlock.ApprovalInProgress, r.Status)
		assert.Contains(t, r.StatusMessage, "ServerBusy")
		assert.NotEmpty(t, r.Files[0].FinalETag, "what arrived is on record")
		b.storage.tagFault, b.clock = nil, r.Work.Due
		require.NoError(t, b.Advance(t.Context(), b.ws.ID, id, "reconciler"))
		assert.Equal(t, airlock.Approved, b.table.get(id).Status)
	})
	t.Run("without the tag by policy", func(t *testing.T) {
		b, id := given()
		r := b.table.get(id)
		r.ScanUnconfirmed = true
		b.table.put(r)
		require.NoError(t, b.Advance(t.Context(), b.ws.ID, id, "test"))
		assert.Equal(t, airlock.Approved, b.table.get(id).Status)
		assert.Zero(t, b.storage.tagLooks)
	})
}
