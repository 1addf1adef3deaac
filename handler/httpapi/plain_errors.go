package httpapi

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// plainErrors hands problems on as text: their detail, with the same status and
// headers. AzureTRE's UI prints the body of an error as it comes. Other answers
// pass unchanged.
type plainErrors struct {
	http.ResponseWriter
	problem bool // the answer is a problem; its body comes in one piece
}

func (p *plainErrors) WriteHeader(status int) {
	if p.Header().Get("Content-Type") == problemMedia {
		p.problem = true
		p.Header().Set("Content-Type", "text/plain; charset=utf-8")
		p.Header().Del("Content-Length")
	}
	p.ResponseWriter.WriteHeader(status)
}

// Write expects a problem whole: both writers of problems (huma's and
// writeProblem) encode it with one call. A body that cannot be read passes as it is.
func (p *plainErrors) Write(b []byte) (int, error) {
	var problem Problem
	if !p.problem || json.Unmarshal(b, &problem) != nil {
		return p.ResponseWriter.Write(b)
	}
	if _, err := io.WriteString(p.ResponseWriter, problem.Detail+"\n"); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Unwrap lets net/http reach deadlines.
func (p *plainErrors) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// wantsText reports whether a client wants errors as text: it prefers text/plain
// to JSON, or it names no JSON and byDefault is set.
func wantsText(accept []string, byDefault bool) bool {
	text, named := quality(accept, "text/plain")
	problem, problems := quality(accept, problemMedia)
	plain, json := quality(accept, "application/json")
	if !problems && !json {
		return named && text > 0 || byDefault
	}
	return named && text > max(problem, plain)
}

// quality is the weight that an Accept header gives a media type which it names
// (RFC 9110 §12.5.1). Wildcards name nothing: every client sends them.
func quality(accept []string, media string) (weight float64, named bool) {
	for _, part := range strings.Split(strings.Join(accept, ","), ",") {
		name, params, err := mime.ParseMediaType(part)
		if err != nil || name != media {
			continue
		}
		weight, named = 1, true
		if q, err := strconv.ParseFloat(params["q"], 64); err == nil {
			weight = q
		}
	}
	return weight, named
}
