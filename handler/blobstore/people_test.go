package blobstore_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// person is somebody with a link and plain HTTP: no SDK, no token.
type person struct{ link string }

func (f *fixture) person(c airlock.Container, p airlock.Permission) person {
	f.t.Helper()
	link, err := f.Link(f.t.Context(), c, p, time.Now(), time.Now().Add(time.Hour))
	require.NoError(f.t, err)
	return person{link}
}

// url is the link to a blob of the container; extra is more of a query.
func (p person) url(name, extra string) string {
	base, query, _ := strings.Cut(p.link, "?")
	if name != "" {
		segments := strings.Split(name, "/")
		for i := range segments {
			segments[i] = url.PathEscape(segments[i])
		}
		base += "/" + strings.Join(segments, "/")
	}
	return base + "?" + query + extra
}

func (p person) do(f *fixture, method, target string, body []byte, header ...string) (int, []byte) {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), method, target, bytes.NewReader(body))
	require.NoError(f.t, err)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(f.t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(f.t, err)
	return resp.StatusCode, answer
}

func (f *fixture) put(c airlock.Container, name string, body []byte, header ...string) {
	f.t.Helper()
	p := f.person(c, airlock.LinkWrite)
	status, answer := p.do(f, http.MethodPut, p.url(name, ""), body, append([]string{"x-ms-blob-type", "BlockBlob"}, header...)...)
	require.Equal(f.t, http.StatusCreated, status, string(answer))
}

// remove takes a file away, as any holder of a link can.
func (f *fixture) remove(c airlock.Container, name string) {
	f.t.Helper()
	p := f.person(c, airlock.LinkWrite)
	status, answer := p.do(f, http.MethodDelete, p.url(name, ""), nil)
	require.Equal(f.t, http.StatusAccepted, status, string(answer))
}
