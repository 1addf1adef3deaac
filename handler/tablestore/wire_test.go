package tablestore

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/stretchr/testify/assert"
)

// wire is the transport of a store under test. It counts calls and can make the
// faults that the emulator cannot be told to make.
type wire struct {
	client *http.Client

	mu     sync.Mutex
	calls  []string // method and path of every try
	bodies []int
	spoil  func(*http.Request, *http.Response) (*http.Response, error) // sees every answer
	before func(*http.Request) (*http.Response, error)                 // may answer instead of the service
}

func newWire() *wire {
	return &wire{client: &http.Client{Transport: &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 16}}}
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.calls = append(w.calls, r.Method+" "+r.URL.Path)
	w.bodies = append(w.bodies, int(r.ContentLength))
	before, spoil := w.before, w.spoil
	w.mu.Unlock()
	if before != nil {
		if response, err := before(r); response != nil || err != nil {
			return response, err
		}
	}
	response, err := w.client.Do(r)
	if err != nil || spoil == nil {
		return response, err
	}
	return spoil(r, response)
}

// count forgets the calls made so far and returns how many there were.
func (w *wire) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.calls)
	w.calls, w.bodies = nil, nil
	return n
}

// loseNext lets the service do its work n times and drops the answer, as a
// broken connection looks like.
func (w *wire) loseNext(n int) {
	w.spoil = func(_ *http.Request, response *http.Response) (*http.Response, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if n == 0 {
			return response, nil
		}
		n--
		response.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
}

// answerWith makes the next n calls answer without reaching the service.
func (w *wire) answerWith(n, status int, header http.Header, body string) {
	w.before = func(r *http.Request) (*http.Response, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if n == 0 {
			return nil, nil
		}
		n--
		if header == nil {
			header = http.Header{}
		}
		return &http.Response{StatusCode: status, Header: header, Request: r, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// edit changes the body of every answer.
func (w *wire) edit(change func(string) string) {
	w.spoil = func(_ *http.Request, response *http.Response) (*http.Response, error) {
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return nil, err
		}
		body = []byte(change(string(body)))
		response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return response, nil
	}
}

func costs(t assert.TestingT, w *wire, want int, what string) {
	assert.Equal(t, want, w.count(), "storage calls of "+what)
}
