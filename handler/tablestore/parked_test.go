package tablestore

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func TestParkedEventsAreKeptAsDelivered(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	var want []airlock.Parked
	for i, event := range [][]byte{
		[]byte(`{"id":"1"}`), {}, []byte("a\x00b"), {0xff, 0xfe}, bytes.Repeat([]byte("<€😀\r\n"), 20000),
		bytes.Repeat([]byte(`{"data":"x"}`), 100000), // more than a row holds
	} {
		p := airlock.Parked{ID: fmt.Sprintf("%03d-'/ß#?~", i), Function: "OnStatusChanged", Reason: "nobody knows this event", At: start, Event: event}
		require.NoError(t, s.Park(t.Context(), p))
		got, err := s.Parked(t.Context(), p.ID)
		require.NoError(t, err)
		require.Equal(t, p, got)
		want = append(want, p)
	}
	again := want[0]
	again.Reason = "another"
	require.NoError(t, s.Park(t.Context(), again))
	got, err := s.ListParked(t.Context(), 100)
	require.NoError(t, err)
	assert.Equal(t, want, got, "parking twice changes nothing")
	got, err = s.ListParked(t.Context(), 2)
	require.NoError(t, err)
	assert.Equal(t, want[:2], got)

	require.NoError(t, s.Unpark(t.Context(), want[0].ID))
	require.NoError(t, s.Unpark(t.Context(), want[0].ID))
	_, err = s.Parked(t.Context(), want[0].ID)
	require.ErrorIs(t, err, airlock.ErrNotFound)
}

func TestAnEventWithoutIDGetsOneInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	for _, after := range []time.Duration{time.Hour, 0, time.Minute} {
		require.NoError(t, s.Park(t.Context(), airlock.Parked{At: start.Add(after), Event: []byte("{}")}))
	}
	wire.count()
	got, err := s.ListParked(t.Context(), 10)
	require.NoError(t, err)
	costs(t, wire, 1, "listing parked events")
	require.Len(t, got, 3)
	assert.True(t, got[0].At.Before(got[1].At) && got[1].At.Before(got[2].At))
	assert.Regexp(t, `^[A-Za-z0-9-]+$`, got[0].ID)
}

func TestAnEventThatCannotBePackedIsTooLarge(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	noise := make([]byte, 1<<20)
	rand.Read(noise)
	require.ErrorIs(t, s.Park(t.Context(), airlock.Parked{ID: "x", Event: noise}), airlock.ErrTooLarge)
	costs(t, wire, 0, "parking what cannot fit")
}

func TestRegisterIsSafeToRepeat(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	id := newID()
	_, err := s.WorkspaceOf(t.Context(), id)
	require.ErrorIs(t, err, airlock.ErrNotFound)
	wire.loseNext(1)
	require.NoError(t, s.Register(t.Context(), id, genomics))
	require.NoError(t, s.Register(t.Context(), id, genomics))
	require.ErrorIs(t, s.Register(t.Context(), id, imaging), airlock.ErrExists)
	ws, err := s.WorkspaceOf(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, genomics, ws)
	wire.count()
	require.NoError(t, s.Register(t.Context(), newID(), genomics))
	costs(t, wire, 1, "registering")
}
