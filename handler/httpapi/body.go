package httpapi

import (
	"mime"
	"net/http"
	"strings"
)

// maxBody is the largest body: the longest allowed texts in four-byte characters
// stay below it. huma counts reaching its limit as passing it, hence the 1.
const (
	maxBody  = 64 << 10
	humaBody = maxBody + 1
)

// checkBody judges the headers of a body before any of it is read. Without a
// body nothing is asked: existing clients send Content-Type with nothing.
func checkBody(r *http.Request, rt route) error {
	if !rt.body || r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return nil
	}
	if r.ContentLength > maxBody {
		return &edgeError{code: codeBodyTooLarge}
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return &edgeError{code: codeMediaType}
	}
	given := r.Header.Get("Content-Type")
	if given == "" {
		return nil
	}
	kind, parameters, err := mime.ParseMediaType(given)
	if err != nil || kind != "application/json" || parameters["charset"] != "" && !strings.EqualFold(parameters["charset"], "utf-8") {
		return &edgeError{code: codeMediaType}
	}
	// huma compares it letter by letter.
	r.Header.Set("Content-Type", kind)
	return nil
}
