package workflow

import (
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
	b := newBench(t, c)
	links := map[string]bool{}
	for range 3000 {
		link, err := b.Link(t.Context(), c.CreatedBy, b.ws, c.ID)
		require.NoError(t, err)
		links[link.URL] = true
		b.clock = b.clock.Add(time.Second)
	}
	assert.Len(t, links, 5, "one in ten minutes")
	assert.Len(t, b.table.records, 5)
	r := b.table.get(c.ID)
	assert.Len(t, r.Work.Links, 1)
}
