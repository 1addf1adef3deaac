package workflow

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func TestTurnstile(t *testing.T) {
	const id = airlock.RequestID("r")
	var gate turnstile
	mine, err := gate.enter(t.Context(), id)
	require.NoError(t, err)
	require.True(t, mine)

	waited := make(chan bool)
	go func() {
		mine, _ := gate.enter(t.Context(), id)
		waited <- mine
	}()
	require.Eventually(t, func() bool {
		gate.mu.Lock()
		defer gate.mu.Unlock()
		return gate.busy[id].waiting
	}, 5*time.Second, time.Millisecond)

	mine, err = gate.enter(t.Context(), id)
	require.NoError(t, err)
	assert.False(t, mine, "one who waits is enough")
	other, err := gate.enter(t.Context(), "another request")
	require.NoError(t, err)
	assert.True(t, other)

	gate.leave(id)
	assert.True(t, <-waited, "who waited works next, with what came meanwhile")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	mine, err = gate.enter(ctx, id)
	assert.False(t, mine)
	assert.ErrorIs(t, err, context.Canceled, "the delivery comes again")
	gate.leave(id)
	mine, _ = gate.enter(t.Context(), id)
	assert.True(t, mine)
}
