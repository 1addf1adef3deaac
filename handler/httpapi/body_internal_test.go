package httpapi

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slowAPI gives bodies little time, and has a health route that takes a while.
func slowAPI(t *testing.T, atWork func(context.Context)) *httptest.Server {
	a := idleAPI()
	a.bodyWithin = 50 * time.Millisecond
	a.router = &router{}
	rt := route{method: http.MethodPost, path: "/health", function: "GetHealth", audience: noToken, body: true}
	a.router.add(http.MethodPost, "/api/health", false, func(w http.ResponseWriter, r *http.Request) {
		if err := a.takeBody(w, r, rt); err != nil {
			writeProblem(w, problemFor(err))
			return
		}
		atWork(r.Context())
	})
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	return s
}

func TestSlowBodyIsGivenUp(t *testing.T) {
	s := slowAPI(t, func(context.Context) { t.Error("reached") })
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprint(conn, "POST /api/health HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	answer, err := io.ReadAll(conn) // until the connection is closed
	require.NoError(t, err)
	require.Contains(t, string(answer), "408 Request Timeout")
	require.Contains(t, string(answer), codeBodyTimeout)
}

func TestDeadlineOfTheBodyDoesNotCancelTheWork(t *testing.T) {
	reached := make(chan error, 1)
	s := slowAPI(t, func(ctx context.Context) {
		time.Sleep(150 * time.Millisecond) // longer than the body's deadline
		reached <- ctx.Err()
	})
	resp, err := http.Post(s.URL+"/api/health", "application/json", strings.NewReader("{}"))
	require.NoError(t, err)
	resp.Body.Close()
	require.NoError(t, <-reached)
}

func TestBodyThatBreaksOff(t *testing.T) {
	s := slowAPI(t, func(context.Context) { t.Error("reached") })
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	_, err = fmt.Fprint(conn, "POST /api/health HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, string(answer), "400 Bad Request")
	require.NoError(t, conn.Close())
}
