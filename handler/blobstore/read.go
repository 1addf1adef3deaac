package blobstore

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"example.org/airlock/handler/airlock"
)

const (
	// chunkSize is how much is asked for at once. Each chunk is pinned to the ETag
	// anew, and a broken connection costs at most the rest of one.
	chunkSize = 8 << 20
	// chunksAtOnce is how many chunks are in memory together, of all files that are
	// read. One connection to storage gives a part of what the network can.
	chunksAtOnce = 3
)

// unread is the rest of a blob of size bytes.
type unread struct {
	where    airlock.Container
	client   *blob.Client
	etag     string
	at, size int64
}

// chunk is a piece of a blob that is being fetched.
type chunk struct {
	body  []byte
	err   error
	ready chan struct{}
}

// read hands the bytes of p to take, in order and raw, and returns when all were
// taken or with the first error; the error is the SDK's own, or an
// *airlock.IntegrityError. Chunks are fetched ahead, as many as there are buffers.
// Each file gets its buffers in the order of its chunks, so that files that are
// read side by side never wait for each other in a circle.
func (s *Store) read(ctx context.Context, p unread, take func([]byte)) error {
	ctx, cancel := context.WithCancel(ctx)
	var fetching sync.WaitGroup
	defer fetching.Wait()
	defer cancel()
	chunks := make(chan *chunk, chunksAtOnce)
	fetching.Go(func() {
		defer close(chunks)
		for at := p.at; at < p.size; at += chunkSize {
			select {
			case b := <-s.buffers:
				c := &chunk{ready: make(chan struct{}), body: resized(b, min(chunkSize, p.size-at))}
				fetching.Go(func() { c.err = p.fetch(ctx, at, c.body); close(c.ready) })
				chunks <- c
			case <-ctx.Done():
				return
			}
		}
	})
	var broken error
	for c := range chunks {
		<-c.ready
		if broken == nil && c.err != nil {
			broken = c.err
			cancel()
		}
		if broken == nil {
			take(c.body)
		}
		s.buffers <- c.body
	}
	if broken == nil {
		return ctx.Err()
	}
	return broken
}

// resized returns a buffer of n bytes, b itself if it is large enough.
func resized(b []byte, n int64) []byte {
	if int64(cap(b)) >= n {
		return b[:n]
	}
	return make([]byte, n)
}

// fetch fills b with the blob's bytes from at on. It goes on after a broken
// connection as long as each try brings something.
func (p unread) fetch(ctx context.Context, at int64, b []byte) error {
	for len(b) > 0 {
		n, err := p.fetchSome(ctx, at, b)
		if n == 0 || ctx.Err() != nil {
			return err
		}
		at, b = at+int64(n), b[n:]
	}
	return nil
}

// fetchSome asks for the bytes at b's place and reads the answer. Storage must
// speak of the blob that was listed, and send exactly the promised bytes.
func (p unread) fetchSome(ctx context.Context, at int64, b []byte) (int, error) {
	r, err := p.client.DownloadStream(ctx, &blob.DownloadStreamOptions{Range: blob.HTTPRange{Offset: at, Count: int64(len(b))},
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: quotedETag(p.etag)}}})
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	want := fmt.Sprintf("bytes %d-%d/%d", at, at+int64(len(b))-1, p.size)
	if deref(r.ContentRange) != want || deref(r.ContentLength) != int64(len(b)) {
		return 0, p.notAsListed()
	}
	n, err := io.ReadFull(r.Body, b)
	if err != nil {
		return n, err
	}
	if extra, _ := r.Body.Read(make([]byte, 1)); extra != 0 {
		return 0, p.notAsListed()
	}
	return n, nil
}

func (p unread) notAsListed() error {
	return &airlock.IntegrityError{Where: p.where.String(), What: "storage sends another number of bytes than is on record"}
}
