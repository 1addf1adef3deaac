package httpapi_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sendLine sends a request line as it is: Go's client would tidy the path.
func (f *fixture) sendLine(method, target string) *http.Response {
	conn, err := net.Dial("tcp", f.server.Listener.Addr().String())
	require.NoError(f.t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", method, target, researcher())
	require.NoError(f.t, err)
	req, _ := http.NewRequest(method, "http://x", nil)
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	require.NoError(f.t, err)
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp
}

// TestPathsAreTakenToTheLetter: nothing is cleaned, decoded or redirected.
func TestPathsAreTakenToTheLetter(t *testing.T) {
	f := newFixture(t)
	upper := "/api/workspaces/" + strings.ToUpper(string(genomics)) + "/requests/" + strings.ToUpper(string(theRequest))
	require.Equal(t, 200, f.sendLine("GET", upper).StatusCode, "ids in any letter case")
	require.Contains(t, f.asked, "get "+string(genomics)+" "+string(theRequest), "and in lower case from here on")

	for _, path := range []string{
		"/", "/api", "/api/", "/requests", "/health", "/api/Health", "/API/health", "/api/health/", "/api//health", "//api/health", "/api/./health",
		"/api/x/../health", "/api/%68ealth", "/api/health%2f", "/api/health%00", "/api/..%5COnScanResult", "/api/..%2fOnScanResult",
		"/api/%2e%2e/OnScanResult", "/api/%252e%252e/OnScanResult", "/OnScanResult", "/api/OnScanResult", "/api/openapi", "/api/openapi.yaml", "/api/docs", "/api/schemas/User.json",
		"/api/health;x=1", "/api/workspaces/", requestsPath + "/", requestPath + "/", requestPath + "//link", requestPath + "/Link", requestPath + "/review/x",
		"/api/workspaces/1/requests", "/api/workspaces/abc/requests", strings.Replace(requestPath, "af89", "zz89", 1), strings.Replace(requestPath, "-", "", 1),
		strings.Replace(requestPath, "/requests/af89", "/requests/%61f89", 1), "/api/workspaces/{9e1a7c52-6d0b-4f3e-8a41-5b7c2d9f0e11}/requests",
		parkedPath + "/./redrive", parkedPath + "/../redrive", parkedPath + "//redrive", parkedPath + "/a|b/redrive", parkedPath + "/" + strings.Repeat("a", 256) + "/redrive",
	} {
		for _, method := range []string{"GET", "POST", "DELETE", "OPTIONS"} {
			resp := f.sendLine(method, path)
			require.Equal(t, http.StatusNotFound, resp.StatusCode, "%s %s", method, path)
			require.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"))
		}
	}
}

func TestMethods(t *testing.T) {
	f := newFixture(t)
	tests := []struct{ path, allow string }{
		{requestPath + "/history", "GET, HEAD, OPTIONS"},
		{requestsPath, "GET, HEAD, OPTIONS, POST"},
		{requestPath + "/link", "GET, OPTIONS, POST"},
		{requestPath + "/submit", "OPTIONS, POST"},
		{"/api/workspaces/" + string(genomics), "GET, HEAD, OPTIONS, PUT"},
		{"/api/health", "GET, HEAD, OPTIONS"},
	}
	for _, tt := range tests {
		a := f.send("OPTIONS", tt.path, "", "")
		require.Equal(t, http.StatusNoContent, a.StatusCode)
		require.Equal(t, tt.allow, a.Header.Get("Allow"))
		for _, method := range []string{"DELETE", "PATCH", "TRACE", "get", "FOO", "CONNECT"} {
			if method == "CONNECT" && tt.path != "/api/health" {
				continue
			}
			a := f.send(method, tt.path, researcher(), "")
			a.isProblem(http.StatusMethodNotAllowed, "method_not_allowed", "Method Not Allowed")
			require.Equal(t, tt.allow, a.Header.Get("Allow"), method)
		}
		a = f.send("HEAD", tt.path, researcher(), "")
		require.Empty(t, a.body)
		if strings.Contains(tt.allow, "HEAD") {
			require.Equal(t, http.StatusOK, a.StatusCode)
		} else {
			require.Equal(t, http.StatusMethodNotAllowed, a.StatusCode)
		}
	}
	require.NotContains(t, f.asked, "link "+string(genomics)+" "+string(theRequest), "HEAD issues no link")
	require.Equal(t, http.StatusUnauthorized, f.send("HEAD", requestPath, "", "").StatusCode)
}
