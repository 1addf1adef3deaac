package blobstore_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"flag"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

var long = flag.Bool("long", false, "copy and hash 1.5 GiB instead of 264 MiB")

// uploadBlocks makes a file of n blocks of 44 MiB through a link, committed as a
// block list as every client does with large files, and returns its SHA-256. One
// block stands n times in the list, so that only 44 MiB travel.
func (f *fixture) uploadBlocks(name string, n int) string {
	f.t.Helper()
	block := make([]byte, 44<<20)
	for i := range block {
		block[i] = byte(i * 31 >> 8)
	}
	p := f.person(f.draft, airlock.LinkWrite)
	sum := sha256.New()
	var list strings.Builder
	id := base64.StdEncoding.EncodeToString([]byte("000001"))
	status, answer := p.do(f, http.MethodPut, p.url(name, "&comp=block&blockid="+id), block)
	require.Equal(f.t, http.StatusCreated, status, string(answer))
	for range n {
		fmt.Fprintf(&list, "<Latest>%s</Latest>", id)
		sum.Write(block)
	}
	blobs, err := f.List(f.t.Context(), f.draft, 1000)
	require.NoError(f.t, err)
	require.Empty(f.t, blobs, "blocks that are not committed are not a blob")
	status, answer = p.do(f, http.MethodPut, p.url(name, "&comp=blocklist"), []byte("<BlockList>"+list.String()+"</BlockList>"))
	require.Equal(f.t, http.StatusCreated, status, string(answer))
	return hex.EncodeToString(sum.Sum(nil))
}

// TestLargeFile takes a file of several blocks from upload to hash.
func TestLargeFile(t *testing.T) {
	f := newFixture(t)
	blocks := 4
	if *long {
		blocks = 36
	}
	want := f.uploadBlocks("large.bin", blocks)
	up, err := f.Stat(t.Context(), f.draft, "large.bin")
	require.NoError(t, err)
	require.Equal(t, int64(blocks)*44<<20, up.Size)
	made, err := f.copied(f.order(up))
	require.NoError(t, err)

	runtime.GC()
	grown := heapGrowth()
	start := time.Now()
	p, sum, err := f.Hash(t.Context(), f.progress, "large.bin", up.Size, airlock.HashProgress{ETag: made.ETag})
	require.NoError(t, err)
	peak := grown()
	require.Equal(t, want, sum)
	require.Equal(t, p.CRC64, *made.CRC64, "storage computed what was read")
	t.Logf("%d MiB hashed in %v, heap grew by %d KiB at most", up.Size>>20, time.Since(start).Round(time.Millisecond), peak>>10)
	// The front is in this process, too: its copy buffers are in the count, and on a busy machine many are in use.
	require.Less(t, peak, int64(96<<20), "memory does not grow with the file")
}

// heapGrowth watches the heap until the returned function is called, which tells
// by how much it grew at most.
func heapGrowth() func() int64 {
	heap := func() int64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	first, stop, peak := heap(), make(chan struct{}), make(chan int64)
	go func() {
		highest := first
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				highest = max(highest, heap())
			case <-stop:
				peak <- highest - first
				return
			}
		}
	}()
	return func() int64 {
		close(stop)
		return <-peak
	}
}
