package httpapi

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	// maxBody is the largest body where the route says nothing else: the longest allowed texts in four-byte
	// characters stay below it.
	maxBody = 64 << 10
	// bodyWithin is how long a body may take to arrive.
	bodyWithin = 10 * time.Second
)

// takeBody judges a body's headers and reads it, so that the code behind works
// on bytes in memory. Without a body nothing is asked of the headers: existing
// clients send Content-Type with nothing. Routes that take no body ignore one. Where
// none is needed, null and blanks are none: a client that has nothing to say may
// write that too.
func (a *API) takeBody(w http.ResponseWriter, r *http.Request, rt route) error {
	if !rt.body || r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return nil
	}
	if err := checkMedia(r.Header); err != nil {
		return err
	}
	// net/http lifts the deadline itself at the end of the body, so it cannot
	// cancel the work; after an error it holds for the rest of the body. A
	// writer that knows no deadlines is a test's.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(a.bodyWithin))
	body, err := readBody(r, cmp.Or(rt.maxBody, maxBody))
	if err != nil {
		return err
	}
	if said := bytes.TrimSpace(body); rt.bare && (len(said) == 0 || string(said) == "null") {
		body = nil
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
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

// readBody reads at most so many bytes.
func readBody(r *http.Request, most int) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(most)+1))
	var network net.Error
	switch {
	case errors.As(err, &network) && network.Timeout():
		return nil, &edgeError{code: codeBodyTimeout}
	case err != nil:
		return nil, &edgeError{code: codeMalformed, detail: "The body broke off"}
	case len(body) > most:
		return nil, &edgeError{code: codeBodyTooLarge, detail: fmt.Sprintf("The body is larger than %d KiB", most>>10)}
	}
	return body, nil
}
