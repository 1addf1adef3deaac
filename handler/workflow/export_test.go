package workflow

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

func TestEvidenceOfARelease(t *testing.T) {
	c := ended(airlock.Approved)
	c.Receipt, c.Files[0].FinalETag = "", "f"
	b := newTestBed(t, c)
	names := func(p airlock.Principal) (names []string, err error) {
		documents, err := b.ExportEvidence(t.Context(), p, b.ws, c.ID, func(e ReleaseEvidence) ([]audit.Document, error) {
			out := []audit.Document{{Name: "release.json", Body: e.Receipt}}
			if e.Revocation != nil {
				out = append(out, audit.Document{Name: "revoked.json", Body: e.Revocation})
			}
			return append(out, e.Anchors...), nil
		})
		for _, d := range documents {
			names = append(names, d.Name)
		}
		if err == nil {
			var envelope audit.Envelope
			require.NoError(t, json.Unmarshal(documents[0].Body, &envelope))
			assert.Equal(t, "application/vnd.airlock.export+json", envelope.PayloadType)
		}
		return names, err
	}
	_, err := names(owner)
	require.ErrorIs(t, err, airlock.ErrGone, "there is no receipt yet")
	require.NoError(t, b.Advance(t.Context(), b.ws.ID, c.ID, "test"))
	anchorNow := func() {
		r := b.table.get(c.ID)
		b.table.heads = []row[audit.HeadRow]{{value: audit.HeadRow{TrailID: audit.TrailOf(r), Head: r.Chain}}}
		_, err := b.anchor(t.Context(), b.registry.rows)
		require.NoError(t, err)
	}
	anchorNow()
	// Names in the index that lead nowhere, or to an entry about others, hide nothing.
	head := anchoredHead(b.table.heads[0].value)
	for _, n := range []int{7, 8, 9} {
		b.archive.items["anchors/"+headName(head, n)] = ""
	}
	got, err := names(owner)
	require.NoError(t, err)
	assert.Equal(t, []string{"export.json", "release.json", "000000000001.json"}, got)

	_, err = b.Revoke(t.Context(), bob, b.ws, c.ID, "sent by mistake", "")
	require.NoError(t, err)
	require.NoError(t, b.Advance(t.Context(), b.ws.ID, c.ID, "test"))
	anchorNow()
	got, err = names(owner)
	require.NoError(t, err)
	assert.Equal(t, []string{"export.json", "release.json", "revoked.json", "000000000002.json", "000000000001.json"}, got, strings.Join(b.archive.names(""), "\n"))

	_, err = names(airlock.Principal{ID: "rita", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true})
	var refused *airlock.RefusedError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "evidence_not_permitted", refused.Rule)
}
