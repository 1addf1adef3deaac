package main

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// People's requests and the host's deliveries are told apart by the path as it
// came: read in two ways, an outsider's request becomes a delivery.
func TestTheRoutersAreKeptApart(t *testing.T) {
	says := func(what string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, what) })
	}
	h := apart(says("api"), says("pages"), says("deliveries"))
	for call, want := range map[string]string{
		"GET /": "{}", "POST /": "deliveries", "HEAD /": "deliveries", "GET /api/health": "api", "POST /OnScanResult": "deliveries",
		"POST /api": "deliveries", "POST /apiary": "deliveries", "POST /%61pi/health": "deliveries", "POST /api%2fhealth": "deliveries",
		"POST /api/../OnScanResult": "api", "POST /api/..%5COnScanResult": "api", "POST //api/health": "deliveries", "GET /?x": "{}",
		"GET /api/ui": "pages", "GET /api/ui?x": "pages", "GET /api/ui/": "pages", "GET /api/ui/../health": "pages", "GET /api/uix": "api",
		"GET /api/%75i": "api", "GET /api/UI": "api",
	} {
		w := httptest.NewRecorder()
		method, target, _ := strings.Cut(call, " ")
		h.ServeHTTP(w, httptest.NewRequest(method, "http://127.0.0.1"+target, nil))
		assert.Equal(t, want, w.Body.String(), call)
	}
}

func TestHalfARequestHoldsNoConnection(t *testing.T) {
	server := newServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	assert.LessOrEqual(t, server.ReadHeaderTimeout, 10*time.Second)
	assert.LessOrEqual(t, server.ReadTimeout, time.Minute)
	assert.Positive(t, server.ReadTimeout)
	assert.Positive(t, server.IdleTimeout)
	server.ReadHeaderTimeout = min(server.ReadHeaderTimeout, 50*time.Millisecond) // 0, no limit, stays
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n")
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	_, err = io.ReadAll(conn)
	require.NoError(t, err, "the server hung up")
}
