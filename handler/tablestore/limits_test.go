package tablestore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

func TestChunksNeverCutACharacter(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "a", strings.Repeat("a", maxChunk), strings.Repeat("a", maxChunk+1),
		strings.Repeat("a", maxChunk-1) + "😀" + strings.Repeat("ß", maxChunk),
		strings.Repeat("😀", maxChunk),
	} {
		pieces := chunks(text)
		assert.Equal(t, text, strings.Join(pieces, ""))
		for _, piece := range pieces {
			assert.LessOrEqual(t, units(piece), maxChunk)
			assert.True(t, survives([]byte(piece)))
		}
	}
}

// filled is a draft whose stored document has the given length.
func filled(t *testing.T, characters int, with string) audit.Commit {
	c := draft(genomics, ada, start)
	c.Request.CreateDigest = "x" // not in the listing rows
	text, err := encode(c.Request)
	require.NoError(t, err)
	missing := characters - units(text)
	c.Request.CreateDigest += strings.Repeat(with, missing/units(with)) + strings.Repeat("a", missing%units(with))
	return c
}

func TestARequestUpToTheLimitOfARow(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	// 1 MiB is 524,288 characters; keys, names and the rest take some 400.
	for _, with := range []string{"a", "ß", "😀"} {
		// 32 KiB of it are for the request's end.
		c := filled(t, 523800-endReserve/2, with)
		commit(t, s, c)
		got, _, err := s.Load(t.Context(), genomics, c.Request.ID)
		require.NoError(t, err)
		require.True(t, c.Request.CreateDigest == got.CreateDigest)

		for _, large := range []audit.Commit{filled(t, 523800, with), filled(t, 524288, with)} {
			wire.count()
			_, _, err = s.Commit(t.Context(), large)
			require.ErrorIs(t, err, airlock.ErrTooLarge)
			costs(t, wire, 0, "a commit that cannot fit")
		}
	}
}

// A request with a full row can be stopped.
func TestAFullRowCanStillFail(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c := filled(t, 523800-endReserve/2, "a")
	commit(t, s, c)
	more := func(to airlock.Status) func(r *airlock.Request) {
		return func(r *airlock.Request) {
			r.Status = to
			r.Failure = &airlock.Failure{In: airlock.Draft, Code: "record_too_large", Cause: strings.Repeat("x", 1000)}
		}
	}
	_, _, err := s.Commit(t.Context(), next(t, s, genomics, c.Request.ID, more(airlock.Submitted)))
	require.ErrorIs(t, err, airlock.ErrTooLarge)
	commit(t, s, next(t, s, genomics, c.Request.ID, more(airlock.Failed)))
}

func TestATransactionHasAHundredOperations(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	with := func(operations int) audit.Commit {
		c := draft(genomics, ada, start)
		for i := range operations - 8 {
			c.Events = append(c.Events, event(c.Request, fmt.Sprintf("more-%d", i)))
		}
		return c
	}
	_, _, err := s.Commit(t.Context(), with(101))
	require.ErrorIs(t, err, airlock.ErrTooLarge)
	costs(t, wire, 0, "a commit that cannot fit")
	events, _ := commit(t, s, with(100))
	assert.Len(t, rowKeys(t, s), 100)
	n := 0
	for e, err := range s.Unpublished(t.Context(), genomics, start.Add(1)) {
		require.NoError(t, err)
		assert.Equal(t, events[n], e, "the order of the decision is kept")
		n++
	}
	assert.Len(t, events, n)
}

func TestATransactionHasFourMebibytes(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	with := func(events, size int) audit.Commit {
		c := draft(genomics, ada, start)
		for i := range events {
			e := event(c.Request, fmt.Sprintf("big-%d", i))
			// '<' takes six bytes on the wire: the SDK escapes it.
			e.Data = json.RawMessage(`"` + strings.Repeat("<", size) + `"`)
			c.Events = append(c.Events, e)
		}
		return c
	}
	_, _, err := s.Commit(t.Context(), with(10, 70000))
	require.ErrorIs(t, err, airlock.ErrTooLarge)
	costs(t, wire, 0, "a commit that cannot fit")

	c := with(30, 22000)
	operations, _, err := plan(c, "mark")
	require.NoError(t, err)
	size := 0
	for _, o := range operations {
		entity, err := o.row.entity()
		require.NoError(t, err)
		size += perOperation + len(entity) + 3*len(o.row.partition+o.row.key)
	}
	commit(t, s, c)
	require.Len(t, wire.bodies, 1)
	assert.Less(t, wire.bodies[0], size, "the estimate is never below the truth")
	assert.Greater(t, wire.bodies[0], 3<<20)
}

func TestKeysAndColumnsAreChecked(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"a/b", `a\b`, "a#b", "a?b", "a'b", "a\tb", "a\u0085b", "a\xffb"} {
		_, err := newRow("p", bad).entity()
		assert.ErrorContains(t, err, "cannot be a key", "%q", bad)
	}
	_, err := newRow("p", strings.Repeat("k", 513)).entity()
	require.ErrorIs(t, err, airlock.ErrTooLarge)
	many := newRow("p", "k")
	for i := range maxColumns {
		many.columns[fmt.Sprint("C", i)] = "x"
	}
	_, err = many.entity()
	require.ErrorIs(t, err, airlock.ErrTooLarge)
	long := newRow("p", "k")
	long.columns["C"] = strings.Repeat("x", maxStringUnits+1)
	_, err = long.entity()
	require.ErrorIs(t, err, airlock.ErrTooLarge)
	long.columns["C"] = "\xff"
	_, err = long.entity()
	require.ErrorContains(t, err, "not UTF-8")
}

func TestALongAuditRecordComesBackByteForByte(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c := draft(genomics, ada, start)
	body := []byte(`{"reason":"` + strings.Repeat("Grund 😀 <ß>\\n ", 20000) + `"}`)
	c.Records[0].Body = body
	commit(t, s, c)
	trail, err := s.Trail(t.Context(), genomics, c.Request.ID)
	require.NoError(t, err)
	require.Len(t, trail, 1)
	assert.True(t, bytes.Equal(body, trail[0].Body))

	c = draft(genomics, ada, start)
	c.Records[0].Body = []byte("\x00\xff")
	_, _, err = s.Commit(t.Context(), c)
	require.ErrorContains(t, err, "no text")
}
