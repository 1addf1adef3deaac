package httpapi

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	// maxBody is the largest body: the longest allowed texts in four-byte
	// characters stay below it.
	maxBody = 64 << 10
	// bodyWithin is how long a body may take to arrive.
	bodyWithin = 10 * time.Second
)

// takeBody judges a body's headers and reads it, so that what comes after works
// on bytes in memory. Without a body nothing is asked of the headers: existing
// clients send Content-Type with nothing. Routes that take no body ignore one.
//
// Once there is nothing left to read, the connection's read deadline is lifted:
// net/http goes on reading to notice a client that leaves, and a deadline that
// passes meanwhile would cancel the call at work. Otherwise it stays, for
// net/http reads what is left of the body.
func (a *API) takeBody(w http.ResponseWriter, r *http.Request, rt route) error {
	err := a.takeBodyWithin(http.NewResponseController(w), r, rt)
	if err == nil && (rt.body || absent(r)) {
		setReadDeadline(http.NewResponseController(w), time.Time{})
	}
	return err
}

// absent reports whether the call has no body.
func absent(r *http.Request) bool {
	return r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0
}

// setReadDeadline does nothing for a writer that knows no deadlines: a test's.
func setReadDeadline(c *http.ResponseController, at time.Time) { _ = c.SetReadDeadline(at) }

func (a *API) takeBodyWithin(connection *http.ResponseController, r *http.Request, rt route) error {
	if !rt.body || absent(r) {
		return nil
	}
	if r.ContentLength > maxBody {
		return &edgeError{code: codeBodyTooLarge}
	}
	if err := checkMedia(r.Header); err != nil {
		return err
	}
	setReadDeadline(connection, time.Now().Add(a.bodyWithin))
	body, err := readBody(r)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

func checkMedia(h http.Header) error {
	if coding := h.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return &edgeError{code: codeMediaType}
	}
	given := h.Get("Content-Type")
	if given == "" {
		return nil
	}
	kind, parameters, err := mime.ParseMediaType(given)
	if err != nil || kind != "application/json" || parameters["charset"] != "" && !strings.EqualFold(parameters["charset"], "utf-8") {
		return &edgeError{code: codeMediaType}
	}
	// huma compares it letter by letter.
	h.Set("Content-Type", kind)
	return nil
}

// readBody reads at most maxBody bytes.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	var network net.Error
	switch {
	case errors.As(err, &network) && network.Timeout():
		return nil, &edgeError{code: codeBodyTimeout}
	case err != nil:
		return nil, &edgeError{code: codeMalformed, detail: "The body broke off"}
	case len(body) > maxBody:
		return nil, &edgeError{code: codeBodyTooLarge}
	}
	return body, nil
}
