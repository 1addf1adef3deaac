package main

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// debugger writes a line for every call that leaves the program: no headers and no
// bodies, and addresses without their signatures.
type debugger struct {
	next http.RoundTripper
	mu   sync.Mutex
	log  io.Writer
}

// RoundTrip implements http.RoundTripper.
func (d *debugger) RoundTrip(r *http.Request) (*http.Response, error) {
	start := time.Now()
	resp, err := d.next.RoundTrip(r)
	took := time.Since(start).Round(time.Millisecond)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		fmt.Fprintf(d.log, "debug: %s %s: %s (%s)\n", r.Method, redact(r.URL.String()), redact(err.Error()), took)
		return nil, err
	}
	id := first(resp.Header.Get("x-ms-request-id"), resp.Header.Get("client-request-id"))
	fmt.Fprintf(d.log, "debug: %s %s: %d (%s) %s\n", r.Method, redact(r.URL.String()), resp.StatusCode, took, id)
	return resp, nil
}
