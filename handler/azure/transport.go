// Package azure holds the parts that all clients of Azure services share.
package azure

import (
	"crypto/tls"
	"net/http"
	"time"
)

// NewTransport returns the HTTP client for every Azure SDK client of the program;
// make one per process, as it keeps the connections.
//
// It never decompresses. Go's own default asks for gzip and, if an answer says
// that it is gzip, hands out other bytes than were sent and forgets their number.
// A blob says so whenever its uploader set Content-Encoding, and what the airlock
// hashes, counts and releases are the bytes that storage holds.
//
// It has at most 64 connections to a host. Beside that it has azcore's own settings: TLS 1.2 at least, and a ping on HTTP/2
// connections that went quiet.
func NewTransport() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // documented of net/http
	t.DisableCompression = true
	t.MaxIdleConnsPerHost = 32
	// A burst of deliveries waits for connections instead of opening one each: with its
	// buffers a TLS connection takes about 60 KiB.
	t.MaxConnsPerHost = 64
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second}
	return &http.Client{Transport: t}
}
