package workflow

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// However often one person asks, records and links grow with time alone.
func TestThreeThousandLinkCalls(t *testing.T) {
	c := submitted()
	c.Status = airlock.Draft
	c.CreatedBy = airlock.Principal{ID: "ada", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true}
	b := newTestBed(t, c)
	links := map[string]bool{}
	for range 3000 {
		link, err := b.Link(t.Context(), c.CreatedBy, b.ws, c.ID, "")
		require.NoError(t, err)
		links[link.URL] = true
		b.clock = b.clock.Add(time.Second)
	}
	assert.Len(t, links, 5, "one in ten minutes")
	assert.Len(t, b.table.records, 5)
	r := b.table.get(c.ID)
	assert.Len(t, r.Work.Links, 1)
}

// The opening of a file by a person is on record once in ten minutes, however often and
// in any order they ask.
func TestLinksToSingleFiles(t *testing.T) {
	c := submitted()
	c.Status = airlock.InReview
	c.Files = nil
	for i := range 40 {
		c.Files = append(c.Files, airlock.File{Name: fmt.Sprintf("f%02d", i)})
	}
	grace := airlock.Principal{ID: "grace", Roles: []airlock.Role{airlock.RoleManager}, WorkspaceToken: true}
	b := newTestBed(t, c)
	for range 3 {
		for _, f := range c.Files {
			link, err := b.Link(t.Context(), grace, b.ws, c.ID, f.Name)
			require.NoError(t, err)
			assert.Equal(t, airlock.LinkRead, link.Permission)
			assert.Contains(t, link.URL, f.Name)
			b.clock = b.clock.Add(time.Second)
		}
	}
	require.Len(t, b.table.records, len(c.Files))
	assert.Equal(t, "f07", b.table.records[7].Detail["file"])
	assert.Len(t, b.table.get(c.ID).Work.Links, 1, "they stand together")

	_, err := b.Link(t.Context(), grace, b.ws, c.ID, "")
	require.NoError(t, err)
	assert.Len(t, b.table.records, len(c.Files)+1, "a link to all is another link")
	_, err = b.Link(t.Context(), grace, b.ws, c.ID, "f99")
	require.ErrorIs(t, err, airlock.ErrNoFile)
	_, err = b.Link(t.Context(), c.CreatedBy, b.ws, c.ID, "f01")
	require.Error(t, err, "the requestor may not read what is in review")

	draft := &change{Request: b.table.get(c.ID), ws: c.ws}
	draft.Status = airlock.Returned
	draft.CreatedBy = airlock.Principal{ID: "ada", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true}
	b = newTestBed(t, draft)
	_, err = b.Link(t.Context(), draft.CreatedBy, b.ws, c.ID, "f01")
	status, ok := errors.AsType[*airlock.StatusError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "not_submitted", status.Rule)
}
