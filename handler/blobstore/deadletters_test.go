package blobstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/blobstore"
)

func TestDeadLettersAreListedReadAndRemoved(t *testing.T) {
	t.Parallel()
	const account = stateAccount
	d := blobstore.NewDeadLetters(newStore(t), account)
	names := func(before time.Time) []string {
		var names []string
		for name, err := range d.Names(t.Context(), before) {
			require.NoError(t, err)
			names = append(names, name)
		}
		return names
	}
	later := time.Now().Add(time.Hour)

	for _, err := range d.Names(t.Context(), later) {
		require.ErrorIs(t, err, airlock.ErrGone, "no container yet")
	}
	require.NoError(t, local.backend.CreateContainer(t.Context(), account, blobstore.DeadLetterContainer))
	put := func(name, content string) {
		require.NoError(t, local.front.Put(t.Context(), account, blobstore.DeadLetterContainer, name, "application/json", []byte(content)))
	}
	put("ONSCANRESULT/2026/11/24/10/a.json", "[1]")
	put("ONSTATUSCHANGED/2026/11/24/10/b.json", "[2]")
	require.Equal(t, []string{"ONSCANRESULT/2026/11/24/10/a.json", "ONSTATUSCHANGED/2026/11/24/10/b.json"}, names(later))
	require.Empty(t, names(time.Now().Add(-time.Minute)), "both are fresh")

	body, etag, err := d.Read(t.Context(), "ONSCANRESULT/2026/11/24/10/a.json")
	require.NoError(t, err)
	require.Equal(t, "[1]", string(body))
	_, _, err = d.Read(t.Context(), "no such letter")
	require.ErrorIs(t, err, airlock.ErrGone)

	put("ONSCANRESULT/2026/11/24/10/a.json", "[1, written again]")
	require.NoError(t, d.Remove(t.Context(), "ONSCANRESULT/2026/11/24/10/a.json", etag))
	require.Len(t, names(later), 2, "another letter of that name stays")
	_, etag, err = d.Read(t.Context(), "ONSCANRESULT/2026/11/24/10/a.json")
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, d.Remove(t.Context(), "ONSCANRESULT/2026/11/24/10/a.json", etag), "gone already is as good")
	}
	require.NoError(t, d.Remove(t.Context(), "ONSTATUSCHANGED/2026/11/24/10/b.json", ""))
	require.Empty(t, names(later))

	put("large", string(make([]byte, 16<<20+1)))
	_, etag, err = d.Read(t.Context(), "large")
	requireFault(t, err, airlock.Permanent, "DeadLetterTooLarge")
	require.NoError(t, d.Remove(t.Context(), "large", etag))
	_, _, err = d.Read(t.Context(), "../a")
	requireFault(t, err, airlock.Permanent, "InvalidName")
}
