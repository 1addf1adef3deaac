package blobstore_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/blobstore"
	"example.org/airlock/localcloud/fault"
)

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func TestHashGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	body := make([]byte, 3<<20)
	_, _ = rand.Read(body)
	up := f.upload(f.draft, "a.bin", body)

	// A delayed answer makes the deadline come before the end; the call stops
	// early enough to record what it has.
	f.fail(fault.Rule{Op: "GetBlob", Do: fault.Delay, For: time.Minute})
	ctx, cancel := context.WithTimeout(t.Context(), 2200*time.Millisecond)
	defer cancel()
	p, sum, err := f.Hash(ctx, f.draft, "a.bin", up.Size, airlock.HashProgress{ETag: up.ETag})
	require.NoError(t, err)
	require.NoError(t, ctx.Err(), "stopped in time")
	require.Empty(t, sum)

	// As if the first call had got one byte further than a megabyte.
	half := sha256.New()
	half.Write(body[:1<<20+1])
	state, err := half.(interface{ MarshalBinary() ([]byte, error) }).MarshalBinary()
	require.NoError(t, err)
	p.Offset, p.State, p.CRC64 = 1<<20+1, state, airlock.CRC64(0).With(body[:1<<20+1])
	p, sum, err = f.Hash(t.Context(), f.draft, "a.bin", up.Size, p)
	require.NoError(t, err)
	require.Equal(t, hexSum(body), sum)
	require.Equal(t, up.Size, p.Offset)
	require.Equal(t, airlock.CRC64(0).With(body), p.CRC64)

	_, sum, err = f.Hash(t.Context(), f.draft, "a.bin", up.Size, p)
	require.NoError(t, err, "from the very end")
	require.Equal(t, hexSum(body), sum)
	_, sum, err = f.Hash(t.Context(), f.draft, "a.bin", up.Size, airlock.HashProgress{ETag: up.ETag, Offset: 77, State: []byte("unreadable")})
	require.NoError(t, err, "from the beginning")
	require.Equal(t, hexSum(body), sum)
}

func TestHashIsPinnedToTheETag(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	up := f.upload(f.draft, "a.bin", []byte("1,2"))
	f.put(f.draft, "a.bin", []byte("3,4"))
	_, _, err := f.Hash(t.Context(), f.draft, "a.bin", up.Size, airlock.HashProgress{ETag: up.ETag})
	requireIntegrity(t, err, f.draft)
	now, err := f.Stat(t.Context(), f.draft, "a.bin")
	require.NoError(t, err)
	_, _, err = f.Hash(t.Context(), f.draft, "a.bin", up.Size+1, airlock.HashProgress{ETag: now.ETag})
	requireIntegrity(t, err, f.draft) // of another length than was listed
	f.remove(f.draft, "a.bin")
	_, _, err = f.Hash(t.Context(), f.draft, "a.bin", up.Size, airlock.HashProgress{ETag: up.ETag})
	require.ErrorIs(t, err, airlock.ErrGone)
}

func TestEmptyFiles(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	up := f.upload(f.draft, "empty.txt", nil)
	require.Zero(t, up.Size)
	made, err := f.copied(f.order(up))
	require.NoError(t, err)
	copied, err := f.Stat(t.Context(), f.progress, "empty.txt")
	require.NoError(t, err)
	require.Zero(t, copied.Size)
	require.Equal(t, made.ETag, copied.ETag)
	p, sum, err := f.Hash(t.Context(), f.progress, "empty.txt", 0, airlock.HashProgress{ETag: made.ETag})
	require.NoError(t, err)
	require.Equal(t, hexSum(nil), sum)
	require.Equal(t, *made.CRC64, p.CRC64)
}

func TestHashSurvivesLostAndBrokenAnswers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	up := f.upload(f.draft, "a.bin", body)
	for _, do := range []fault.Do{fault.Drop, fault.Lose, "503"} {
		f.fail(fault.Rule{Op: "GetBlob", Do: do, Count: 2})
		_, sum, err := f.Hash(t.Context(), f.draft, "a.bin", up.Size, airlock.HashProgress{ETag: up.ETag})
		require.NoError(t, err, do)
		require.Equal(t, hexSum(body), sum, do)
	}
	f.fail(fault.Rule{Op: "GetBlob", Do: "503", Count: 4})
	p, _, err := f.Hash(t.Context(), f.draft, "a.bin", up.Size, airlock.HashProgress{ETag: up.ETag})
	requireFault(t, err, airlock.Transient, "ServerBusy")
	_, sum, err := f.Hash(t.Context(), f.draft, "a.bin", up.Size, p)
	require.NoError(t, err, "the progress beside a fault is good")
	require.Equal(t, hexSum(body), sum)
}

// breaking cuts every answer of a blob's bytes after some of them, as a network
// does. The storage front cannot be told to do that.
type breaking struct {
	real  *http.Client
	after int64
}

func (b breaking) Do(req *http.Request) (*http.Response, error) {
	resp, err := b.real.Do(req)
	if err == nil && resp.StatusCode == http.StatusPartialContent {
		resp.Body = &broken{resp.Body, b.after}
	}
	return resp, err
}

type broken struct {
	io.ReadCloser
	left int64
}

func (b *broken) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func TestHashGoesOnAfterABrokenConnection(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	up := f.upload(f.draft, "a.bin", body)
	c := config()
	c.ClientOptions.Transport = breaking{local.client, 300_001}
	s, err := blobstore.New(c)
	require.NoError(t, err)
	_, sum, err := s.Hash(t.Context(), f.draft, "a.bin", up.Size, airlock.HashProgress{ETag: up.ETag})
	require.NoError(t, err)
	require.Equal(t, hexSum(body), sum)

	c.ClientOptions.Transport = breaking{local.client, 0}
	s, err = blobstore.New(c)
	require.NoError(t, err)
	_, _, err = s.Hash(t.Context(), f.draft, "a.bin", up.Size, airlock.HashProgress{ETag: up.ETag})
	requireFault(t, err, airlock.Transient, "ConnectionFailed")
}

// zipped is a gzip of body whose header has an extra field of n bytes.
func zipped(t testing.TB, body []byte, n int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.NoCompression) // the race detector makes any other slow
	require.NoError(t, err)
	w.Extra = make([]byte, n)
	_, err = w.Write(body)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// An uploader may say of any bytes that they are compressed, as Azure does not
// look. The bytes that storage holds are hashed as they are.
func TestHashIsOfTheStoredBytesWhateverTheyAreSaidToBe(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 66<<20)
	_, _ = rand.Read(noise)
	for name, body := range map[string][]byte{
		"a gzip":                         zipped(t, []byte("id,value\n1,2\n3,4\n5,6\n7,8\n"), 0),
		"plain text":                     []byte("id,value\n1,2\n"),
		"a gzip that was cut":            zipped(t, noise[:1<<20], 0)[:1<<19],
		"a gzip with a long extra field": zipped(t, []byte("id,value\n"), 60_000),
		"a gzip above one range":         zipped(t, noise, 0),
		"nothing":                        nil,
	} {
		for _, encoding := range []string{"gzip", "deflate", "br", "identity"} {
			if len(body) > 1<<21 && encoding != "gzip" {
				continue
			}
			f := newFixture(t)
			up := f.upload(f.draft, "a", body, "x-ms-blob-content-encoding", encoding)
			require.Equal(t, int64(len(body)), up.Size, name)
			p, sum, err := f.Hash(t.Context(), f.draft, "a", up.Size, airlock.HashProgress{ETag: up.ETag})
			require.NoError(t, err, name)
			require.Equal(t, hexSum(body), sum, name)
			require.Equal(t, up.Size, p.Offset, name)
		}
	}
}
