package workflow

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Whoever can write to the evidence account before the service does must not
// pass something else off as the receipt.
func TestOnlyAReceiptOfTheRequestCountsAsItsReceipt(t *testing.T) {
	c := ended(airlock.Approved)
	c.Receipt, c.Files[0].FinalETag = "", "f"
	stored := func(turn func(r *airlock.Request, ws *airlock.Workspace)) string {
		r, ws := c.Clone(), newBench(t).ws
		turn(&r, &ws)
		body, err := audit.NewReceipt(r, ws, "", "a").Seal(t.Context(), testKey.Sign)
		require.NoError(t, err)
		return string(body)
	}
	tests := map[string]struct {
		there string
		want  bool
	}{
		"nothing is there":             {"", true},
		"its receipt, signed before":   {stored(func(r *airlock.Request, _ *airlock.Workspace) { r.Title = "as it was" }), true},
		"another request's":            {stored(func(r *airlock.Request, _ *airlock.Workspace) { r.ID = named(1, submitted()).ID }), false},
		"another workspace's":          {stored(func(_ *airlock.Request, ws *airlock.Workspace) { ws.ID = "def000d3-82da-4bfc-b6e9-9a7853ef753e" }), false},
		"one of fewer files":           {stored(func(r *airlock.Request, _ *airlock.Workspace) { r.Files = nil }), false},
		"something that is no receipt": {"{}", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, c)
			if tt.there != "" {
				b.archive.items["receipts/"+audit.ReceiptName(c.ID)] = tt.there
			}
			_ = b.Advance(t.Context(), b.ws.ID, c.ID, "test")
			assert.Equal(t, tt.want, b.table.get(c.ID).Receipt != "")
		})
	}
}
