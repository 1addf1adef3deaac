package blobstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/blobstore"
	"example.org/airlock/localcloud/fault"
)

func TestListsComeWhole(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var want []string
	for n := range 7 {
		want = append(want, fmt.Sprintf("file %d", n))
		f.put(f.draft, want[n], []byte{byte(n)}, "x-ms-meta-airlocksource", fmt.Sprint("0x", n))
	}
	blobstore.SetPageSize(f.Store, 3)
	blobs, err := f.List(t.Context(), f.draft, 1000)
	require.NoError(t, err)
	require.Len(t, local.faults.Calls("ListBlobs", string(f.id), fault.Program), 3, "pages")
	var names []string
	for n, b := range blobs {
		names = append(names, b.Name)
		alone, err := f.Stat(t.Context(), f.draft, b.Name)
		require.NoError(t, err)
		require.Equal(t, airlock.BlockBlob, b.Type)
		b.Type = ""
		require.Equal(t, alone, b, "the list tells what the blob itself tells")
		require.Equal(t, fmt.Sprint("0x", n), b.Source)
	}
	require.Equal(t, want, names)

	blobstore.SetPageSize(f.Store, 1)
	containers := 0
	for _, err := range f.Containers(t.Context(), draftAccount) {
		require.NoError(t, err)
		containers++
	}
	require.Greater(t, containers, 1)
	e := blobstore.NewEvidence(f.Store, draftAccount)
	names = nil
	for name, err := range e.Names(t.Context(), string(f.id), "file") {
		require.NoError(t, err)
		names = append(names, name)
	}
	require.Equal(t, want, names)
}

// A deletion that was held up must not take away a container that was made since.
func TestDeleteContainerSparesANewerOne(t *testing.T) {
	f := newFixture(t)
	require.Equal(t, airlock.Kept, f.removes(f.draft, time.Now().Add(-time.Minute)), "given up before this one was made")
	_, err := f.List(t.Context(), f.draft, 1000)
	require.NoError(t, err, "the newer container is still there")
	require.Equal(t, airlock.Removed, f.removes(f.draft, time.Now().Add(time.Second)))
	_, err = f.List(t.Context(), f.draft, 1000)
	require.ErrorIs(t, err, airlock.ErrGone)
	require.Equal(t, airlock.Absent, f.removes(f.draft, time.Now().Add(time.Second)))
}

// removes deletes a container and returns the outcome.
func (f *fixture) removes(c airlock.Container, asOf time.Time) airlock.Removal {
	f.t.Helper()
	what, err := f.DeleteContainer(f.t.Context(), c, asOf)
	require.NoError(f.t, err)
	return what
}
