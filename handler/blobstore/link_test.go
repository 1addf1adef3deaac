package blobstore_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/blobstore"
	"example.org/airlock/localcloud/fault"
)

const listQuery = "&restype=container&comp=list"

func TestLinksWorkAndAreRefusedBeyondTheirPermission(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.put(f.draft, "there.csv", []byte("1,2"))
	block := []string{"x-ms-blob-type", "BlockBlob"}
	for _, try := range []struct {
		does, method, name, query string
		header                    []string
		read, write               int
	}{
		{"read a file", http.MethodGet, "there.csv", "", nil, 200, 200},
		{"list", http.MethodGet, "", listQuery, nil, 200, 200},
		{"create a file", http.MethodPut, "new.csv", "", block, 403, 201},
		{"overwrite a file", http.MethodPut, "there.csv", "", block, 403, 201},
		{"delete a file", http.MethodDelete, "there.csv", "", nil, 403, 202},
		{"delete the container", http.MethodDelete, "", "&restype=container", nil, 403, 403},
	} {
		for permission, want := range map[airlock.Permission]int{airlock.LinkRead: try.read, airlock.LinkWrite: try.write} {
			f.put(f.draft, "there.csv", []byte("1,2"))
			p := f.person(f.draft, permission)
			status, answer := p.do(f, try.method, p.url(try.name, try.query), []byte{}, try.header...)
			assert.Equal(t, want, status, "%s link: %s: %s", permission, try.does, answer)
		}
	}
	other := newFixture(t)
	link := f.person(f.draft, airlock.LinkRead).link
	status, _ := f.person(f.draft, airlock.LinkRead).do(f, http.MethodGet, strings.Replace(link, string(f.id), string(other.id), 1)+listQuery, nil)
	require.Equal(t, http.StatusForbidden, status, "the neighbour's container")
}

func TestLinkSaysWhatItShould(t *testing.T) {
	t.Parallel()
	// A clock in another zone: azblob 1.8.0 prints any zone's time as if it were UTC.
	now := time.Now().In(time.FixedZone("far east", 9*3600))
	c := config()
	c.LinkBase, c.Now = "https://{account}.blob.core.windows.net/", func() time.Time { return now }
	s, err := blobstore.New(c)
	require.NoError(t, err)
	expiry := now.Add(90 * time.Minute)
	link, err := s.Link(t.Context(), airlock.Container{Account: draftAccount, Name: "some-request"}, airlock.LinkWrite, now, expiry)
	require.NoError(t, err)
	u, err := url.Parse(link)
	require.NoError(t, err)
	require.Equal(t, "https://stalimexlocal.blob.core.windows.net/some-request", u.Scheme+"://"+u.Host+u.Path)
	q := u.Query()
	const layout = "2006-01-02T15:04:05Z"
	assert.Equal(t, expiry.UTC().Format(layout), q.Get("se"))
	assert.Equal(t, now.Add(-15*time.Minute).UTC().Format(layout), q.Get("st"))
	assert.Equal(t, "rcwdl", q.Get("sp"))
	assert.Equal(t, "c", q.Get("sr"))
	assert.Equal(t, "https", q.Get("spr"))
	assert.NotEmpty(t, q.Get("skoid"))
	assert.Greater(t, q.Get("ske"), q.Get("se"), "the key outlives the link")

	link, err = s.FileLink(t.Context(), airlock.Container{Account: draftAccount, Name: "some-request"}, "a b/c#+.csv", now, expiry)
	require.NoError(t, err)
	require.Contains(t, link, "/some-request/a%20b/c%23%2B.csv?")
	u, err = url.Parse(link)
	require.NoError(t, err)
	assert.Equal(t, "r", u.Query().Get("sp"))
	assert.Equal(t, "b", u.Query().Get("sr"))
	for _, name := range []string{"", "../other-request/a.csv", "a/./b"} {
		_, err = s.FileLink(t.Context(), airlock.Container{Account: draftAccount, Name: "some-request"}, name, now, expiry)
		assert.Error(t, err, name)
	}
}

// A link that stands for another is the same one, not one more.
func TestTheSameLinkAgain(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := config()
	c.Now = func() time.Time { return now }
	s, err := blobstore.New(c)
	require.NoError(t, err)
	from := now
	links := map[string]bool{}
	for range 3 {
		link, err := s.Link(t.Context(), airlock.Container{Account: draftAccount, Name: "some-request"}, airlock.LinkWrite, from, from.Add(time.Hour))
		require.NoError(t, err)
		links[link] = true
		now = now.Add(3 * time.Minute)
	}
	assert.Len(t, links, 1)
}

func TestLinkEndsWithItsExpiry(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	link, err := f.Link(t.Context(), f.draft, airlock.LinkRead, time.Now(), time.Now().Add(-time.Minute))
	require.NoError(t, err)
	status, _ := person{link}.do(f, http.MethodGet, person{link}.url("", listQuery), nil)
	require.Equal(t, http.StatusForbidden, status)
}

// The front's log tells calls by account alone for delegation keys, so this test
// has an account to itself.
func TestOneDelegationKeyServesHundredLinks(t *testing.T) {
	at := time.Now()
	c := config()
	c.Now = func() time.Time { return at }
	s, err := blobstore.New(c)
	require.NoError(t, err)
	keys := func() int { return len(local.faults.Calls("GetUserDelegationKey", finalAccount, fault.Program)) }
	container := airlock.Container{Account: finalAccount, Name: airlock.ContainerName(uuid.NewString())}
	link := func(life time.Duration) error {
		_, err := s.Link(t.Context(), container, airlock.LinkRead, at, at.Add(life))
		return err
	}
	before := keys()
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() { assert.NoError(t, link(time.Hour)) })
	}
	all.Wait()
	require.Equal(t, 1, keys()-before)

	require.NoError(t, link(8*time.Hour))
	require.Equal(t, 2, keys()-before, "a link that outlives the key needs another one")
	at = at.Add(30 * time.Minute)
	require.NoError(t, link(8*time.Hour))
	require.Equal(t, 2, keys()-before, "which serves the next long links as well")
	at = at.Add(9 * time.Hour)
	require.NoError(t, link(5*time.Minute))
	require.Equal(t, 3, keys()-before, "renewed before it ends")
	requireFault(t, link(8*24*time.Hour), airlock.Permanent, "SignatureTooLong")
	require.Equal(t, 3, keys()-before)
}

func TestLinkBaseMustBeSafe(t *testing.T) {
	for base, ok := range map[string]bool{
		"https://{account}.blob.core.windows.net": true, "https://data.tre.example/{account}": true,
		"http://127.0.0.1:8080/{account}": true, "http://[::1]:8080/{account}": true,
		"http://{account}.blob.core.windows.net": false, "http://10.0.0.1/{account}": false, "https://data.tre.example": false,
		"ftp://{account}": false, "https://u:p@x/{account}": false, "https://x/{account}?a=b": false, "{account}": false, "": false,
	} {
		c := config()
		c.LinkBase = base
		_, err := blobstore.New(c)
		assert.Equal(t, ok, err == nil, "%q: %v", base, err)
	}
	c := config()
	c.Suffix = "https://core.windows.net"
	_, err := blobstore.New(c)
	require.Error(t, err)
}
