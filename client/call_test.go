package client

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// issued hands out "old" until it is asked for a fresh one. The answers that these tests need cannot be made to come
// from a real service on cue.
type issued struct{}

func (issued) Token(_ context.Context, _ Audience, fresh bool) (string, error) {
	if fresh {
		return "new", nil
	}
	return "old", nil
}

// serve returns a client of a service that answers so, and the number of its calls.
func serve(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) (*Client, *atomic.Int32) {
	t.Helper()
	calls := &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(int(calls.Add(1)), w, r) }))
	t.Cleanup(server.Close)
	c, err := New(server.URL+"/api", http.DefaultTransport, issued{})
	require.NoError(t, err)
	return c, calls
}

func refuse(w http.ResponseWriter, status int) {
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"status":0,"code":"x","detail":"No"}`))
}

// A token never follows a redirect, not even to the same machine.
func TestNoRedirect(t *testing.T) {
	t.Parallel()
	elsewhere, reached := serve(t, func(int, http.ResponseWriter, *http.Request) {})
	c, calls := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL(), http.StatusTemporaryRedirect)
	})
	_, err := c.Workspaces(t.Context())
	assert.ErrorContains(t, err, "leads elsewhere")
	assert.EqualValues(t, 1, calls.Load())
	assert.Zero(t, reached.Load())
}

// A token that has ended is replaced once.
func TestTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	c, calls := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer new" {
			_, _ = w.Write([]byte(`{"workspaces":[]}`))
			return
		}
		refuse(w, http.StatusUnauthorized)
	})
	_, err := c.Workspaces(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 2, calls.Load())

	never, calls := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusUnauthorized) })
	_, err = never.Workspaces(t.Context())
	assert.Error(t, err)
	assert.EqualValues(t, 2, calls.Load())
}

// A read is repeated while the service is away; a write is not, unless a key makes that safe.
func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	away := func(n int, w http.ResponseWriter, _ *http.Request) {
		if n < 3 {
			refuse(w, http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(`{"workspaces":[],"airlockRequest":{"id":"x"}}`))
	}
	c, calls := serve(t, away)
	_, err := c.Workspaces(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 3, calls.Load())

	c, calls = serve(t, away)
	_, err = c.Act(t.Context(), Ref{"w", "r"}, "submit", nil, "")
	problem, ok := errors.AsType[*Problem](err)
	require.True(t, ok)
	assert.Equal(t, http.StatusServiceUnavailable, problem.Status)
	assert.EqualValues(t, 1, calls.Load())

	c, calls = serve(t, away)
	e, err := c.Create(t.Context(), "w", NewRequest{}, "key")
	require.NoError(t, err)
	assert.Equal(t, "x", e.Request.ID)
	assert.EqualValues(t, 3, calls.Load())
}

// Unchanged answers are not sent again.
func TestUnchanged(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"a"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"a"`)
		_, _ = w.Write([]byte(`{"airlockRequest":{"id":"x","status":"draft"}}`))
	})
	e, unchanged, err := c.Get(t.Context(), Ref{"w", "r"}, "")
	require.NoError(t, err)
	assert.False(t, unchanged)
	_, unchanged, err = c.Get(t.Context(), Ref{"w", "r"}, e.Tag)
	require.NoError(t, err)
	assert.True(t, unchanged)
}

// A body always has a length: the Functions host drops chunked ones.
func TestBodiesHaveLength(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.TransferEncoding)
		assert.GreaterOrEqual(t, r.ContentLength, int64(0))
		_, _ = w.Write([]byte(`{"airlockRequest":{"id":"x"}}`))
	})
	_, err := c.Act(t.Context(), Ref{"w", "r"}, "submit", nil, "")
	require.NoError(t, err)
	_, err = c.Act(t.Context(), Ref{"w", "r"}, "review", map[string]string{"decision": "approve"}, "")
	require.NoError(t, err)
}
