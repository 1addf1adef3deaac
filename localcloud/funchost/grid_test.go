package funchost

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/event"
	"example.org/airlock/localcloud/grid"
)

// Both stand-ins together: an event that a killed handler did not finish arrives again.
func TestEventsSurviveAKilledHandler(t *testing.T) {
	h := start(t, Options{Speed: 50}, triggerFunctions).up()
	g := grid.New(grid.Config{Speed: 100, Subscriptions: []grid.Subscription{
		{Name: "status", Topic: "statuschanged", AzureFunction: true, Endpoint: h.EventGridEndpoint(h.front.URL, "OnEvent")},
	}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	defer func() {
		cancel()
		require.NoError(t, <-done)
	}()

	const events = 30
	for i := range events {
		g.Emit("statuschanged", event.New("statusChanged", fmt.Sprint("request-", i), "2.0", map[string]string{"do": ""}))
		if i%10 == 5 {
			h.Kill()
		}
	}
	limit, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	require.NoError(t, g.Settled(limit))
	arrived := map[string]bool{}
	for _, s := range h.recorded() {
		for i := range events {
			if subject := fmt.Sprintf(`"subject":"request-%d"`, i); strings.Contains(s.Body, subject) {
				arrived[subject] = true
			}
		}
	}
	assert.Len(t, arrived, events)
	assert.Equal(t, events, g.Stats().Subscriptions["status"].Delivered)
}
