package signin

import (
	"net/http"
	"sync"

	"example.org/airlock/client"
)

// line is the way to the issuer of tokens. It remembers whether it was cut, because the
// errors of the libraries do not tell no answer from a refusal.
type line struct {
	next http.RoundTripper

	mu     sync.Mutex
	broken *client.NetworkError // of the last call
}

func newLine(c *http.Client) *line {
	next := c.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	return &line{next: next}
}

func (l *line) client() *http.Client { return &http.Client{Transport: l} }

// RoundTrip implements http.RoundTripper.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = nil
	if err != nil {
		l.broken = &client.NetworkError{Host: r.URL.Host, Err: err}
	}
	return resp, err
}

// cut is why the last call got no answer, nil if it got one.
func (l *line) cut() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken == nil {
		return nil
	}
	return l.broken
}
