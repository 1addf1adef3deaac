package event

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEventKeepsThePublishersText(t *testing.T) {
	const text = `{"id":"1","topic":"t","subject":"s","eventType":"e","eventTime":"2026-01-01T00:00:00.1234567+00:00","dataVersion":"2.0","metadataVersion":"1","data":{"size":3.0}}`
	var e Event
	require.NoError(t, json.Unmarshal([]byte(text), &e))
	again, err := json.Marshal(e)
	require.NoError(t, err)
	assert.Equal(t, text, string(again))
}

func TestNewEvent(t *testing.T) {
	e := New("kind", "subject", "1.0", map[string]int{"a": 1})
	assert.Regexp(t, "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", e.ID)
	assert.NotEqual(t, e.ID, NewID())
	assert.JSONEq(t, `{"a":1}`, string(e.Data))
	_, err := time.Parse(time.RFC3339Nano, e.EventTime)
	require.NoError(t, err)
	assert.Panics(t, func() { New("kind", "subject", "1.0", math.NaN()) })
}
