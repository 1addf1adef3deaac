package blobstore_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/blobstore"
	"example.org/airlock/localcloud/fault"
)

// oddNames are names that people give files, and that code gives trouble with.
var oddNames = []string{
	"table1.csv", "two words.csv", " leading and trailing blanks ", "50% off.txt", "50%25 off.txt", "a#b.txt", "a+b c.txt", "a?x=1&y=2.txt",
	"dir/sub dir/file.txt", "a//b.txt", "/starts with a slash", "ends with a slash/", "ends with a dot.", "Übergröße.csv", "データ.csv", "🙂.png",
	"cafe\u0301.txt", "a;b,c=d@e:f(g)[h]{i}'j\"k~l!m*n$o&p.txt", "tab\u00a0nbsp.txt", "<&>.xml", "very/" + strings.Repeat("long name ", 101) + "123456789",
}

func TestEveryNameSurvivesUploadListCopyAndHash(t *testing.T) {
	f := newFixture(t)
	for _, name := range oddNames {
		body := []byte("content of " + name)
		up := f.upload(f.draft, name, body)
		require.Equal(t, int64(len(body)), up.Size, name)

		made, err := f.copied(f.order(up))
		require.NoError(t, err, name)
		copied, err := f.Stat(t.Context(), f.progress, name)
		require.NoError(t, err, name)
		require.Equal(t, airlock.Blob{Name: name, Size: up.Size, ETag: made.ETag, Source: up.ETag}, copied)
		require.Equal(t, body, f.stored(f.progress, name), name)

		_, sum, err := f.Hash(t.Context(), f.progress, name, up.Size, airlock.HashProgress{ETag: made.ETag})
		require.NoError(t, err, name)
		want := sha256.Sum256(body)
		require.Equal(t, hex.EncodeToString(want[:]), sum, name)

		p := f.person(f.progress, airlock.LinkRead)
		status, got := p.do(f, "GET", p.url(name, ""), nil)
		require.Equal(t, 200, status, name)
		require.Equal(t, body, got, name)
	}
	for _, c := range []airlock.Container{f.draft, f.progress} {
		listed, err := f.List(t.Context(), c, 1000)
		require.NoError(t, err)
		var names []string
		for _, b := range listed {
			names = append(names, b.Name)
		}
		require.ElementsMatch(t, oddNames, names)
	}
}

func TestNamesThatURLsCannotCarryAreRefused(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"", ".", "..", "../other/file", "a/../../b", "a/./b", `a\..\b`} {
		_, err := f.copied(airlock.CopyOrder{From: f.draft, To: f.progress, Name: name, SourceETag: "0x1", Size: 1})
		requireFault(t, err, airlock.Permanent, "InvalidName")
	}
	require.Equal(t, []string{"CreateContainer", "CreateContainer"}, f.calls(), "nothing was sent")
	err := f.CreateContainer(t.Context(), airlock.Container{Account: "evil.example/", Name: airlock.ContainerName(f.id)})
	requireFault(t, err, airlock.Operator, "InvalidAccountName")
}

// An uploader's headers and metadata stay behind: browsers show headers, and each of
// them may hold as much as a file.
func TestNothingButTheBytesIsCopied(t *testing.T) {
	f := newFixture(t)
	long := strings.Repeat("patient 4711, ", 143)[:2000]
	var header []string
	for _, name := range []string{"content-disposition", "content-language", "cache-control", "content-encoding", "content-type"} {
		header = append(header, "x-ms-blob-"+name, long[:300], "x-ms-meta-"+strings.ReplaceAll(name, "-", ""), long)
	}
	// The mark is part of what a client must not be able to bring along.
	up := f.upload(f.draft, "a.csv", []byte("1,2"), append(header, "x-ms-blob-content-disposition", long, "x-ms-meta-airlocksource", "0xFORGED")...)
	f.tag(f.draft, "a.csv", "patient", "4711")
	require.Equal(t, "0xFORGED", up.Source)
	before := len(f.calls())
	made, err := f.copied(f.order(up))
	require.NoError(t, err)
	require.Equal(t, []string{"PutBlockFromURL", "PutBlockList"}, f.calls()[before:])
	assert.True(t, made.Made)
	assert.Equal(t, airlock.CRC64(0).With([]byte("1,2")), *made.CRC64)
	assert.NotContains(t, made.ETag, `"`)
	assert.NotEqual(t, up.ETag, made.ETag)

	// A rescan brings nothing back either.
	fresh, err := f.Refresh(t.Context(), f.progress, "a.csv", made.ETag, 3)
	require.NoError(t, err)
	p := f.person(f.progress, airlock.LinkRead)
	status, answer := p.do(f, "GET", p.url("", "&restype=container&comp=list&include=metadata,tags"), nil)
	require.Equal(t, 200, status)
	for _, left := range []string{"4711", "patient", "FORGED", "Content-MD5>" /* no claim */, "<Tags>"} {
		require.NotContains(t, strings.ReplaceAll(string(answer), "<Content-MD5></Content-MD5>", ""), left)
	}
	require.Contains(t, string(answer), "<Content-Type>application/octet-stream</Content-Type>")
	require.Contains(t, string(answer), "<Etag>"+fresh.ETag+"</Etag>")
}

func TestCopyAgainIsDone(t *testing.T) {
	f := newFixture(t)
	up := f.upload(f.draft, "a.csv", []byte("1,2"))
	first, err := f.copied(f.order(up))
	require.NoError(t, err)
	found := airlock.Copied{ETag: first.ETag, CRC64: first.CRC64} // and not made
	again, err := f.copied(f.order(up))
	require.NoError(t, err)
	require.Equal(t, found, again)

	// Also when the source changed or went meanwhile: the copy is that of the
	// bytes ordered.
	found.CRC64 = nil
	f.put(f.draft, "a.csv", []byte("changed since"))
	again, err = f.copied(f.order(up))
	require.NoError(t, err)
	require.Equal(t, found, again)
	f.removes(f.draft, time.Now())
	again, err = f.copied(f.order(up))
	require.NoError(t, err)
	require.Equal(t, found, again)
}

// A blob that somebody else put there stays. Anybody who can write there can write a
// mark, so a blob with one does not count as made, and the caller reads it.
func TestPlantedBytesRaiseTheAlarmAndStay(t *testing.T) {
	f := newFixture(t)
	up := f.upload(f.draft, "a.csv", []byte("1,2"))
	for what, plant := range map[string]struct {
		body   string
		header []string
		found  bool
	}{
		"without a mark":                 {"1,2", nil, false},
		"with a mark of another version": {"1,2", []string{"x-ms-meta-airlocksource", "0xOTHER"}, false},
		"with the mark, other size":      {"planted", []string{"x-ms-meta-airlocksource", up.ETag}, false},
		"with the mark, other bytes":     {"9,9", []string{"x-ms-meta-airlocksource", up.ETag}, true},
	} {
		f.put(f.progress, "a.csv", []byte(plant.body), plant.header...)
		made, err := f.copied(f.order(up))
		if plant.found {
			require.NoError(t, err, what)
			require.False(t, made.Made, what)
			require.Equal(t, airlock.CRC64(0).With([]byte("1,2")), *made.CRC64, "what the bytes should be")
		} else {
			requireIntegrity(t, err, f.progress)
		}
		require.Equal(t, plant.body, string(f.stored(f.progress, "a.csv")), what)
	}
}

func TestChangedSourceIsNotCopied(t *testing.T) {
	f := newFixture(t)
	up := f.upload(f.draft, "a.csv", []byte("1,2"))
	f.put(f.draft, "a.csv", []byte("3,4"))
	_, err := f.copied(f.order(up))
	requireIntegrity(t, err, f.draft)
	_, err = f.Stat(t.Context(), f.progress, "a.csv")
	require.ErrorIs(t, err, airlock.ErrGone)
}

func TestMissingSourceIsGoneAndMissingDestinationIsNot(t *testing.T) {
	f := newFixture(t)
	up := f.upload(f.draft, "a.csv", []byte("1,2"))
	f.removes(f.progress, time.Now())
	_, err := f.copied(f.order(up))
	// A missing destination must not end the request as a missing source would.
	require.NotErrorIs(t, err, airlock.ErrGone)
	requireFault(t, err, airlock.Transient, "ContainerNotFound")
	require.NoError(t, f.CreateContainer(t.Context(), f.progress))

	f.remove(f.draft, "a.csv")
	_, err = f.copied(f.order(up))
	require.ErrorIs(t, err, airlock.ErrGone)
	f.removes(f.draft, time.Now())
	_, err = f.copied(f.order(up))
	require.ErrorIs(t, err, airlock.ErrGone)
}

func TestLostAnswersOfACopyAreItsSuccess(t *testing.T) {
	for _, op := range []string{"PutBlockFromURL", "PutBlockList"} {
		f := newFixture(t)
		up := f.upload(f.draft, "a.csv", []byte("1,2"))
		f.fail(fault.Rule{Op: op, Do: fault.Lose, Count: 2})
		made, err := f.copied(f.order(up))
		require.NoError(t, err)
		require.Equal(t, op == "PutBlockFromURL", made.Made, "nobody can say whose a blob is that was found")
		require.Equal(t, "1,2", string(f.stored(f.progress, "a.csv")))
	}
}

// noise is n bytes, the same every time.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}

func TestACopyGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	blobstore.SetBlockSize(f.Store, 100_000)
	body := noise(1_234_567)
	up := f.upload(f.draft, "large.bin", body)
	order := f.order(up)
	// One block of the second handful hangs; the call stops early enough to record
	// what it has.
	f.fail(fault.Rule{Op: "PutBlockFromURL", Do: fault.Delay, For: time.Minute, Skip: 5})
	ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
	defer cancel()
	p, made, err := f.Copy(ctx, order, airlock.CopyProgress{})
	require.NoError(t, err)
	require.NoError(t, ctx.Err(), "stopped in time")
	require.Empty(t, made.ETag)
	require.GreaterOrEqual(t, p.Offset, int64(400_000))
	require.Less(t, p.Offset, int64(800_000))
	_, err = f.Stat(t.Context(), f.progress, "large.bin")
	require.ErrorIs(t, err, airlock.ErrGone, "staged blocks are not a blob")

	before := len(f.calls())
	_, made, err = f.Copy(t.Context(), order, p)
	require.NoError(t, err)
	require.True(t, made.Made)
	require.Equal(t, airlock.CRC64(0).With(body), *made.CRC64)
	require.Equal(t, body[:1<<20], f.stored(f.progress, "large.bin"))
	// The block that hung may be logged only now.
	left := 13 - int(p.Offset/100_000) + 1
	calls := len(f.calls()[before:])
	require.True(t, calls == left || calls == left+1, "nothing is staged twice: %d calls for %d", calls, left)
}

// Progress that does not fit begins anew: another source, blocks that storage
// has dropped, a container made again.
func TestACopyWhoseBlocksAreGoneBeginsAnew(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	blobstore.SetBlockSize(f.Store, 100_000)
	body := noise(345_678)
	up := f.upload(f.draft, "large.bin", body)
	crc := airlock.CRC64(0).With(body[:200_000])
	for n, p := range []airlock.CopyProgress{
		{Source: up.ETag, Offset: 200_000, CRC64: &crc},
		{Source: up.ETag, Offset: up.Size, CRC64: &crc},
		{Source: "0xOTHER", Offset: 200_000, CRC64: &crc},
		{Source: up.ETag, Offset: up.Size + 1},
	} {
		order := f.order(up)
		order.To.Name = airlock.ContainerName(fmt.Sprintf("%s%d", f.id[:len(f.id)-1], n))
		require.NoError(t, f.CreateContainer(t.Context(), order.To))
		_, made, err := f.Copy(t.Context(), order, p)
		require.NoError(t, err, n)
		require.Equal(t, airlock.CRC64(0).With(body), *made.CRC64, n)
		require.Equal(t, body, f.stored(order.To, "large.bin"), n)
	}
}

func TestRefreshGivesAnotherETagOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	blobstore.SetBlockSize(f.Store, 100_000)
	body := noise(345_678)
	up := f.upload(f.draft, "a.csv", body)
	made, err := f.copied(f.order(up))
	require.NoError(t, err)

	// Blocks that somebody staged since are not taken in, with any ids.
	p := f.person(f.progress, airlock.LinkWrite)
	status, _ := p.do(f, "PUT", p.url("a.csv", "&comp=block&blockid=MDAwMDAwMDE%3D"), []byte("planted"))
	require.Equal(t, 201, status)
	before := len(f.calls())
	fresh, err := f.Refresh(t.Context(), f.progress, "a.csv", made.ETag, up.Size)
	require.NoError(t, err)
	require.Equal(t, []string{"GetBlockList", "PutBlockList"}, f.calls()[before:])
	require.True(t, fresh.Made)
	require.NotEqual(t, made.ETag, fresh.ETag)
	require.Equal(t, body, f.stored(f.progress, "a.csv"))

	f.fail(fault.Rule{Op: "PutBlockList", Do: fault.Lose})
	twice, err := f.Refresh(t.Context(), f.progress, "a.csv", fresh.ETag, up.Size)
	require.NoError(t, err)
	require.False(t, twice.Made)
	again, err := f.Refresh(t.Context(), f.progress, "a.csv", fresh.ETag, up.Size)
	require.NoError(t, err)
	require.Equal(t, twice, again, "the repeated call finds what was made")

	f.put(f.progress, "a.csv", body) // the same bytes, but nobody's copy and without blocks
	b, err := f.Stat(t.Context(), f.progress, "a.csv")
	require.NoError(t, err)
	for _, etag := range []string{twice.ETag, b.ETag} {
		_, err = f.Refresh(t.Context(), f.progress, "a.csv", etag, up.Size)
		requireIntegrity(t, err, f.progress)
		require.Equal(t, body, f.stored(f.progress, "a.csv"))
	}
	_, err = f.Refresh(t.Context(), f.progress, "never.csv", fresh.ETag, up.Size)
	require.ErrorIs(t, err, airlock.ErrGone)

	empty := f.upload(f.draft, "empty.csv", nil)
	made, err = f.copied(f.order(empty))
	require.NoError(t, err)
	fresh, err = f.Refresh(t.Context(), f.progress, "empty.csv", made.ETag, 0)
	require.NoError(t, err)
	require.NotEqual(t, made.ETag, fresh.ETag)
}

func requireFault(t testing.TB, err error, kind airlock.FaultKind, code string) *airlock.Fault {
	t.Helper()
	var f *airlock.Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, kind, f.Kind, err)
	require.Equal(t, code, f.Code, err)
	return f
}

func requireIntegrity(t testing.TB, err error, where airlock.Container) {
	t.Helper()
	var e *airlock.IntegrityError
	require.ErrorAs(t, err, &e)
	require.Equal(t, where.String(), e.Where)
}
