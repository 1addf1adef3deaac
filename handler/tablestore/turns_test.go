package tablestore

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// The trail has the hash of the row's content, with any characters in it.
func TestTheTrailHasTheHashOfARow(t *testing.T) {
	c := audit.Commit{Request: airlock.Request{ID: "bbbbbbbb-0000-4000-8000-000000000001", Workspace: "aaaaaaaa-0000-4000-8000-000000000001"},
		Turn:    &airlock.EndedTurn{Turn: 1, Why: "R&D <10>", Files: []airlock.File{{Name: "a&b.csv"}}},
		Comment: &airlock.Comment{Number: 1, ID: "c", Text: "n < 10 & m > 3"}}
	for column, want := range map[string]string{"Turn": c.Turn.Hash(), "Comment": c.Comment.Hash()} {
		operations := append(planTurn(c), planComment(c)...)
		require.Len(t, operations, 2)
		text, _ := operations[0].row.columns[column].(string)
		if text == "" {
			text, _ = operations[1].row.columns[column].(string)
		}
		sum := sha256.Sum256([]byte(text))
		assert.Equal(t, want, hex.EncodeToString(sum[:]), column)
		assert.NotContains(t, text, `\u00`)
	}
}
