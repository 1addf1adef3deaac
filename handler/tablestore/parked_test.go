package tablestore

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"slices"
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
	slices.Reverse(got)
	assert.Equal(t, want, got, "parking twice changes nothing")
	got, err = s.ListParked(t.Context(), 2)
	require.NoError(t, err)
	assert.Equal(t, []airlock.Parked{want[5], want[4]}, got, "the newest are asked for")

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
	assert.True(t, got[0].At.After(got[1].At) && got[1].At.After(got[2].At), "newest first")
	assert.Regexp(t, `^[A-Za-z0-9-]+$`, got[0].ID)
}

// However many there are, the newest can be found, and counting reads none.
func TestManyParkedEvents(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	id := func(n int) string { return fmt.Sprintf("%08x-0000-8000-8000-000000000000", n) }
	for n := range 30 {
		require.NoError(t, s.Park(t.Context(), airlock.Parked{ID: id(n), At: start, Event: []byte("{}")}))
	}
	got, err := s.ListParked(t.Context(), 3)
	require.NoError(t, err)
	assert.Equal(t, []string{id(29), id(28), id(27)}, []string{got[0].ID, got[1].ID, got[2].ID})

	wire.count()
	n, err := s.CountParked(t.Context(), 1000)
	require.NoError(t, err)
	costs(t, wire, 1, "counting parked events")
	assert.Equal(t, 30, n)
	n, err = s.CountParked(t.Context(), 7)
	require.NoError(t, err)
	assert.Equal(t, 7, n)
}

// A row that somebody damaged is shown, counted, and can be removed.
func TestAParkedEventThatCannotBeReadHidesNoOther(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	good := airlock.Parked{ID: "0a", Function: "f", Reason: "r", At: start, Event: []byte("{}")}
	require.NoError(t, s.Park(t.Context(), good))
	write(t, s.parked, resealed(t, s, parkedTable, newRow(parkedPartition, parkedKey("0b"))))
	got, err := s.ListParked(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.Equal(t, "0b", got[0].ID)
	assert.Contains(t, got[0].Reason, "cannot be read")
	assert.Equal(t, good, got[1])
	n, err := s.CountParked(t.Context(), 10)
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	var fault *airlock.Fault
	_, err = s.Parked(t.Context(), "0b")
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, airlock.UnreadableRow, fault.Code)
	require.NoError(t, s.Unpark(t.Context(), "0b"))
	n, err = s.CountParked(t.Context(), 10)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
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
	known, err := s.Register(t.Context(), id, genomics)
	require.NoError(t, err)
	assert.True(t, known, "the answer of the first try was lost")
	_, err = s.Register(t.Context(), id, genomics)
	require.NoError(t, err)
	_, err = s.Register(t.Context(), id, imaging)
	require.ErrorIs(t, err, airlock.ErrExists)
	ws, err := s.WorkspaceOf(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, genomics, ws)
	wire.count()
	_, err = s.Register(t.Context(), newID(), genomics)
	require.NoError(t, err)
	costs(t, wire, 1, "registering")
}
