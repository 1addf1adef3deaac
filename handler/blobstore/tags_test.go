package blobstore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/localcloud/fault"
)

// tags gives a blob tags as the scanner does, past the store.
func (f *fixture) tags(c airlock.Container, name string, tags map[string]string) {
	f.t.Helper()
	require.NoError(f.t, local.backend.SetTags(f.t.Context(), c.Account, string(c.Name), name, tags))
}

func TestScanTagsComeWithTheBlobsETag(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, name := range []string{"clean.csv", "set #1.csv", "untagged.csv", "other.csv", "twice.csv"} {
		f.put(f.progress, name, []byte("1,2"))
	}
	f.tags(f.progress, "clean.csv", map[string]string{"Malware Scanning scan result": "No threats found", "Malware Scanning scan time UTC": "2031-02-03 12:00:00Z"})
	f.tags(f.progress, "set #1.csv", map[string]string{"Malware scanning scan result": "Malicious"})
	f.tags(f.progress, "other.csv", map[string]string{"project": "x"})
	f.tags(f.progress, "twice.csv", map[string]string{"Malware Scanning scan result": "No threats found", "malware scanning scan result": "Malicious"})
	before := len(f.calls())
	tags, err := f.ScanTags(t.Context(), f.progress)
	require.NoError(t, err)
	assert.Equal(t, []string{"ListBlobs"}, f.calls()[before:])
	assert.Len(t, tags, 3)
	b, err := f.Stat(t.Context(), f.progress, "clean.csv")
	require.NoError(t, err)
	assert.Equal(t, airlock.ScanTag{ETag: b.ETag, Result: "No threats found"}, tags["clean.csv"])
	assert.Equal(t, airlock.Malicious, airlock.OutcomeOf(tags["set #1.csv"].Result))
	assert.Equal(t, airlock.Malicious, airlock.OutcomeOf(tags["twice.csv"].Result))

	_, err = f.ScanTags(t.Context(), airlock.Container{Account: progressAccount, Name: "af89dccd-cdf8-4e47-8cfe-995faeac0f09"})
	require.ErrorIs(t, err, airlock.ErrGone)
	f.fail(fault.Rule{Op: "ListBlobs", Do: "403"})
	_, err = f.ScanTags(t.Context(), f.progress)
	require.Error(t, err)
}

// A tag is a word about the bytes that are there: it goes with them.
func TestAFreshCopyHasNoTags(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	up := f.upload(f.draft, "a.csv", []byte("1,2"))
	f.tags(f.draft, "a.csv", map[string]string{"Malware Scanning scan result": "No threats found"})
	_, made, err := f.Copy(t.Context(), f.order(up), airlock.CopyProgress{})
	require.NoError(t, err)
	tags, err := f.ScanTags(t.Context(), f.progress)
	require.NoError(t, err)
	assert.Empty(t, tags, "what the requestor tagged in the draft does not travel")

	f.tags(f.progress, "a.csv", map[string]string{"Malware Scanning scan result": "No threats found"})
	_, err = f.Refresh(t.Context(), f.progress, "a.csv", made.ETag, up.Size)
	require.NoError(t, err)
	tags, err = f.ScanTags(t.Context(), f.progress)
	require.NoError(t, err)
	assert.Empty(t, tags)
}

// In Azure tags take a permission that no link of the airlock has.
func TestALinkNeitherReadsNorWritesTags(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.upload(f.draft, "a.csv", []byte("1,2"))
	for _, permission := range []airlock.Permission{airlock.LinkRead, airlock.LinkWrite} {
		p := f.person(f.draft, permission)
		body := []byte(`<Tags><TagSet><Tag><Key>Malware Scanning scan result</Key><Value>No threats found</Value></Tag></TagSet></Tags>`)
		status, _ := p.do(f, "PUT", p.url("a.csv", "&comp=tags"), body)
		assert.Equal(t, 403, status)
		status, _ = p.do(f, "GET", p.url("a.csv", "&comp=tags"), nil)
		assert.Equal(t, 403, status)
	}
}
