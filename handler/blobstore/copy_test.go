package blobstore_test

import (
	"crypto/sha256"
	"encoding/hex"
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

		made, err := f.Copy(t.Context(), f.order(up))
		require.NoError(t, err, name)
		require.Equal(t, name, made.Name)
		require.Equal(t, up.ETag, made.Source, name)
		require.Equal(t, body, f.stored(f.progress, name), name)

		_, sum, err := f.Hash(t.Context(), f.progress, name, airlock.HashProgress{ETag: made.ETag})
		require.NoError(t, err, name)
		want := sha256.Sum256(body)
		require.Equal(t, hex.EncodeToString(want[:]), sum, name)

		p := f.person(f.progress, airlock.LinkRead)
		status, got := p.do(f, "GET", p.url(name, ""), nil)
		require.Equal(t, 200, status, name)
		require.Equal(t, body, got, name)
	}
	for _, c := range []airlock.Container{f.draft, f.progress} {
		listed, err := f.List(t.Context(), c)
		require.NoError(t, err)
		var names []string
		for _, b := range listed {
			names = append(names, b.Name)
		}
		require.ElementsMatch(t, oddNames, names)
	}
	for _, name := range oddNames {
		require.NoError(t, f.Delete(t.Context(), f.draft, name, ""))
	}
	left, err := f.List(t.Context(), f.draft)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestNamesThatURLsCannotCarryAreRefused(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"", ".", "..", "../other/file", "a/../../b", "a/./b", `a\..\b`} {
		_, err := f.Copy(t.Context(), airlock.CopyOrder{From: f.draft, To: f.progress, Name: name, SourceETag: "0x1"})
		requireFault(t, err, airlock.Permanent, "InvalidName")
		require.Error(t, f.Delete(t.Context(), f.draft, name, ""))
	}
	require.Equal(t, []string{"CreateContainer", "CreateContainer"}, f.calls(), "nothing was sent")
	err := f.CreateContainer(t.Context(), airlock.Container{Account: "evil.example/", Name: f.id})
	requireFault(t, err, airlock.Operator, "InvalidAccountName")
}

func TestCopyTakesTwoCallsAndLeavesTheClientsMetadataBehind(t *testing.T) {
	f := newFixture(t)
	// The mark is part of what a client must not be able to bring along.
	up := f.upload(f.draft, "a.csv", []byte("1,2"), "x-ms-meta-airlocksource", "0xFORGED", "x-ms-meta-secret", "s", "Content-Type", "text/csv")
	require.Equal(t, "0xFORGED", up.Source)
	before := len(f.calls())
	made, err := f.Copy(t.Context(), f.order(up))
	require.NoError(t, err)
	require.Equal(t, []string{"CopyBlobFromURL", "GetBlobProperties"}, f.calls()[before:])
	assert.Equal(t, up.ETag, made.Source)
	assert.Equal(t, int64(3), made.Size)
	assert.Equal(t, up.MD5, made.MD5)
	assert.NotContains(t, made.ETag, `"`)
	assert.NotEqual(t, up.ETag, made.ETag)

	p := f.person(f.progress, airlock.LinkRead)
	status, answer := p.do(f, "GET", p.url("", "&restype=container&comp=list&include=metadata"), nil)
	require.Equal(t, 200, status)
	require.NotContains(t, string(answer), "secret")
}

func TestCopyAgainIsDone(t *testing.T) {
	f := newFixture(t)
	up := f.upload(f.draft, "a.csv", []byte("1,2"))
	first, err := f.Copy(t.Context(), f.order(up))
	require.NoError(t, err)
	again, err := f.Copy(t.Context(), f.order(up))
	require.NoError(t, err)
	require.Equal(t, first, again)

	// Also when the source changed or went meanwhile: the copy is that of the
	// bytes ordered.
	f.put(f.draft, "a.csv", []byte("changed since"))
	again, err = f.Copy(t.Context(), f.order(up))
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.NoError(t, f.DeleteContainer(t.Context(), f.draft, time.Now()))
	again, err = f.Copy(t.Context(), f.order(up))
	require.NoError(t, err)
	require.Equal(t, first, again)
}

func TestPlantedBytesRaiseTheAlarmAndStay(t *testing.T) {
	f := newFixture(t)
	up := f.upload(f.draft, "a.csv", []byte("1,2"))
	for what, plant := range map[string]struct {
		body   string
		header []string
	}{
		"without a mark":                 {"1,2", nil},
		"with a mark of another version": {"1,2", []string{"x-ms-meta-airlocksource", "0xOTHER"}},
		"with the mark, other size":      {"planted", []string{"x-ms-meta-airlocksource", up.ETag}},
		"with the mark, other bytes":     {"9,9", []string{"x-ms-meta-airlocksource", up.ETag}},
	} {
		f.put(f.progress, "a.csv", []byte(plant.body), plant.header...)
		_, err := f.Copy(t.Context(), f.order(up))
		requireIntegrity(t, err, f.progress)
		require.Equal(t, plant.body, string(f.stored(f.progress, "a.csv")), what)
	}
}

func TestChangedSourceIsNotCopied(t *testing.T) {
	for name, limit := range limits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			blobstore.SetSyncLimit(f.Store, limit)
			up := f.upload(f.draft, "a.csv", []byte("1,2"))
			f.put(f.draft, "a.csv", []byte("3,4"))
			_, err := f.Copy(t.Context(), f.order(up))
			requireIntegrity(t, err, f.draft)
			_, err = f.Stat(t.Context(), f.progress, "a.csv")
			require.ErrorIs(t, err, airlock.ErrGone)
		})
	}
}

// limits run a test with synchronous and with asynchronous copies.
var limits = map[string]int64{"synchronous": 1 << 20, "asynchronous": -1}

func TestMissingSourceIsGoneAndMissingDestinationIsNot(t *testing.T) {
	for name, limit := range limits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			blobstore.SetSyncLimit(f.Store, limit)
			up := f.upload(f.draft, "a.csv", []byte("1,2"))
			require.NoError(t, f.DeleteContainer(t.Context(), f.progress, time.Now()))
			_, err := f.Copy(t.Context(), f.order(up))
			// A missing destination must not end the request as a missing source would.
			require.NotErrorIs(t, err, airlock.ErrGone)
			requireFault(t, err, airlock.Transient, "ContainerNotFound")
			require.NoError(t, f.CreateContainer(t.Context(), f.progress))

			require.NoError(t, f.Delete(t.Context(), f.draft, "a.csv", up.ETag))
			_, err = f.Copy(t.Context(), f.order(up))
			require.ErrorIs(t, err, airlock.ErrGone)
			require.NoError(t, f.DeleteContainer(t.Context(), f.draft, time.Now()))
			_, err = f.Copy(t.Context(), f.order(up))
			require.ErrorIs(t, err, airlock.ErrGone)
		})
	}
}

func TestLostAnswersOfACopyAreItsSuccess(t *testing.T) {
	for name, limit := range limits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			blobstore.SetSyncLimit(f.Store, limit)
			up := f.upload(f.draft, "a.csv", []byte("1,2"))
			op := map[bool]string{true: "CopyBlobFromURL", false: "CopyBlob"}[limit > 0]
			f.fail(fault.Rule{Op: op, Do: fault.Lose, Count: 2})
			made, err := f.Copy(t.Context(), f.order(up))
			require.NoError(t, err)
			require.Equal(t, up.ETag, made.Source)
			require.Equal(t, "1,2", string(f.stored(f.progress, "a.csv")))
		})
	}
}

func TestPendingCopyIsFollowedToItsEnd(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	blobstore.SetSyncLimit(f.Store, -1)
	up := f.upload(f.draft, "large.bin", []byte("as if large"))
	f.fail(fault.Rule{Op: "CopyBlob", Do: fault.Hold, For: 700 * time.Millisecond})
	pending, err := f.Copy(t.Context(), f.order(up))
	require.NoError(t, err)
	require.Equal(t, airlock.CopyPending, pending.Copy)
	require.NotEmpty(t, pending.CopyID)

	again, err := f.Copy(t.Context(), f.order(up))
	require.NoError(t, err, "asking again starts nothing anew")
	require.Equal(t, pending.CopyID, again.CopyID)
	listed, err := f.List(t.Context(), f.progress)
	require.NoError(t, err)
	require.Equal(t, airlock.CopyPending, listed[0].Copy)

	var done airlock.Blob
	require.Eventually(t, func() bool {
		done, err = f.Stat(t.Context(), f.progress, "large.bin")
		return err == nil && done.Copy == airlock.CopySuccess
	}, 5*time.Second, 50*time.Millisecond)
	require.Equal(t, up.Size, done.Size)
	require.NotEqual(t, pending.ETag, done.ETag, "a pending copy has an ETag of its own")
	found, err := f.Copy(t.Context(), f.order(up))
	require.NoError(t, err)
	require.Equal(t, done, found)
}

func TestFailedAndAbortedCopiesAreMadeAnew(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	blobstore.SetSyncLimit(f.Store, -1)
	up := f.upload(f.draft, "large.bin", []byte("as if large"))
	f.fail(fault.Rule{Op: "CopyBlob", Do: fault.Hold, For: 100 * time.Millisecond, Final: "failed"})
	_, err := f.Copy(t.Context(), f.order(up))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		b, err := f.Stat(t.Context(), f.progress, "large.bin")
		return err == nil && b.Copy == airlock.CopyFailed
	}, 5*time.Second, 20*time.Millisecond)
	made, err := f.Copy(t.Context(), f.order(up))
	require.NoError(t, err)
	require.Equal(t, airlock.CopySuccess, made.Copy)
	require.Equal(t, up.Size, made.Size)
}

func TestRefreshGivesAnotherETagOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	up := f.upload(f.draft, "a.csv", []byte("1,2"))
	made, err := f.Copy(t.Context(), f.order(up))
	require.NoError(t, err)

	f.fail(fault.Rule{Op: "CopyBlob", Do: fault.Lose})
	fresh, err := f.Refresh(t.Context(), f.progress, "a.csv", made.ETag, made.Size)
	require.NoError(t, err)
	require.NotEqual(t, made.ETag, fresh.ETag)
	require.Equal(t, made.ETag, fresh.Source)
	require.Equal(t, "1,2", string(f.stored(f.progress, "a.csv")))
	again, err := f.Refresh(t.Context(), f.progress, "a.csv", made.ETag, made.Size)
	require.NoError(t, err)
	require.Equal(t, fresh, again, "the repeated call finds what it made")

	f.put(f.progress, "a.csv", []byte("9,9"))
	_, err = f.Refresh(t.Context(), f.progress, "a.csv", fresh.ETag, made.Size)
	requireIntegrity(t, err, f.progress)
	require.Equal(t, "9,9", string(f.stored(f.progress, "a.csv")))
	_, err = f.Refresh(t.Context(), f.progress, "never.csv", fresh.ETag, made.Size)
	require.ErrorIs(t, err, airlock.ErrGone)
}

func TestAbortRemovesWhatTheCopyMade(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	blobstore.SetSyncLimit(f.Store, -1)
	up := f.upload(f.draft, "large.bin", []byte("as if large"))

	for _, answer := range []fault.Do{"", fault.Lose} {
		f.fail(fault.Rule{Op: "CopyBlob", Do: fault.Hold, For: time.Minute})
		pending, err := f.Copy(t.Context(), f.order(up))
		require.NoError(t, err)
		require.Equal(t, airlock.CopyPending, pending.Copy)
		if answer != "" {
			f.fail(fault.Rule{Op: "AbortCopyBlob", Do: answer})
			f.fail(fault.Rule{Op: "DeleteBlob", Do: answer})
		}
		require.NoError(t, f.Abort(t.Context(), f.progress, "large.bin", pending.CopyID))
		_, err = f.Stat(t.Context(), f.progress, "large.bin")
		require.ErrorIs(t, err, airlock.ErrGone)
		require.NoError(t, f.Abort(t.Context(), f.progress, "large.bin", pending.CopyID), "again")
	}

	done, err := f.Copy(t.Context(), f.order(up))
	require.NoError(t, err)
	require.NoError(t, f.Abort(t.Context(), f.progress, "large.bin", "another-copys-id"))
	_, err = f.Stat(t.Context(), f.progress, "large.bin")
	require.NoError(t, err, "a later copy stays")
	require.NoError(t, f.Abort(t.Context(), f.progress, "large.bin", done.CopyID), "a finished copy goes")
	_, err = f.Stat(t.Context(), f.progress, "large.bin")
	require.ErrorIs(t, err, airlock.ErrGone)
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
