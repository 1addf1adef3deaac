package workflow

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// From the read that begins it, a call goes on with what its own commits leave.
func TestAnAdvanceReadsItsRequestOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		given *change
		steps []string
	}{
		"into review": {copying("1"), []string{"copied", "data_deleted"}},
		"to its end":  {approving("1"), []string{"copy_verified", "data_deleted", "receipt_stored"}},
	} {
		b, _ := advanced(t, tt.given, func(*testBed) {})
		assert.Equal(t, tt.steps, b.table.actions(), name)
		assert.Equal(t, 1, b.table.loads, name)
	}
}

// A judgement on old news is made again: an error, and that nothing is to do.
func TestOldNewsDecidesNothing(t *testing.T) {
	wrong := errors.New("wrong")
	for name, old := range map[string]error{"an error": wrong, "nothing to do": errUnchanged, "a change": nil} {
		sc := sceneOf(approving("1"))
		at := &held{Request: sc.row.Clone(), version: "0"}
		sc.row.Title, sc.versions[sc.row.ID] = "new", 1
		now, err := sc.decideHeld(t.Context(), sc.ws, at, owner, func(c *change) error {
			if c.Title != "new" {
				c.Title = "made of old news"
				return old
			}
			c.Title = "decided"
			return nil
		})
		require.NoError(t, err, name)
		assert.Equal(t, "decided", now.Title, name)
		assert.Equal(t, "decided", sc.row.Title, name)
		assert.False(t, at.own, "it is read anew")
	}
}
