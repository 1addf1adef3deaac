package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"example.org/airlock/handler/airlock"
)

// Problem is an error as callers see it (RFC 9457). Detail has the wording of
// the existing contract where it has one; programs match Code.
type Problem struct {
	Type   string `json:"type" doc:"Names the kind of problem: urn:airlock:problem: and the code." example:"urn:airlock:problem:no_such_request"`
	Title  string `json:"title" doc:"The kind of problem in words; the same every time." example:"No such request"`
	Status int    `json:"status" doc:"The HTTP status." example:"404"`
	Detail string `json:"detail" doc:"What went wrong this time, for people." example:"Airlock request does not exist"`
	Code   string `json:"code" doc:"Stable name of the kind of problem, for programs." example:"no_such_request"`
	// Rule is finer than Code where a rule of the airlock refused.
	Rule       string      `json:"rule,omitempty" doc:"The rule that refused, where Code alone does not say it." example:"own_request"`
	Violations []violation `json:"violations,omitempty" nullable:"false" doc:"Everything that has to be mended, at once."`

	header http.Header
}

// violation is one thing to be mended: a rule of the policy that a file breaks,
// or a part of the input that is not as it should be.
type violation struct {
	Rule     string `json:"rule" doc:"Stable name of the rule."`
	File     string `json:"file,omitempty" doc:"The file it concerns."`
	Location string `json:"location,omitempty" doc:"The part of the input it concerns, e.g. body.title."`
	Message  string `json:"message" doc:"What is wrong, for people."`
}

const (
	problemType  = "urn:airlock:problem:"
	problemMedia = "application/problem+json"
)

// Error implements error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return problemMedia }

// edgeError is an error that the edge itself finds. It is shown to the caller.
type edgeError struct {
	code       string
	detail     string // "": the text of the table
	violations []violation
}

func (e *edgeError) Error() string { return e.code + ": " + e.detail }

var errUnexpected = errors.New("httpapi: unexpected")

// problemFor turns any error into the problem that the caller may see, by the table.
// An error that the table does not know is 500 with a fixed text.
func problemFor(err error) *Problem {
	var done *Problem
	if errors.As(err, &done) {
		return done
	}
	kind := kindOf(err)
	p := &Problem{Type: problemType + kind.code, Title: kind.title, Status: kind.status, Detail: kind.detail, Code: kind.code, header: http.Header{}}
	if kind.show != nil {
		kind.show(err, p)
	}
	switch p.Status {
	case http.StatusUnauthorized:
		p.header.Set("WWW-Authenticate", challenge(p.Code, p.Detail))
	case http.StatusServiceUnavailable:
		p.header.Set("Retry-After", retryAfter(err))
	}
	return p
}

// challenge is the WWW-Authenticate header (RFC 6750 §3): without a token it
// carries no error.
func challenge(code, detail string) string {
	if code == codeTokenMissing {
		return `Bearer realm="airlock"`
	}
	return `Bearer realm="airlock", error="invalid_token", error_description="` + detail + `"`
}

// retryAfter is the wait that the part in trouble asked for, in seconds, and one second
// where it did not say.
func retryAfter(err error) string {
	const most = 120
	seconds := 1
	var fault *airlock.Fault
	if errors.As(err, &fault) {
		seconds = min(max(int(fault.After.Seconds()+0.999), 1), most)
	}
	return strconv.Itoa(seconds)
}

// asProblem turns huma's error about the input into a Problem and leaves
// everything else alone. The values that huma quotes are the caller's own, but
// they are dropped: they may be of any length.
func asProblem(v any) any {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v
	}
	code, known := map[int]string{http.StatusBadRequest: codeMalformed, http.StatusRequestTimeout: codeBodyTimeout,
		http.StatusRequestEntityTooLarge: codeBodyTooLarge, http.StatusUnsupportedMediaType: codeMediaType,
		http.StatusUnprocessableEntity: codeInvalid}[e.Status]
	if !known {
		return problemFor(errUnexpected)
	}
	edge := &edgeError{code: code}
	var texts []string
	for _, d := range e.Errors {
		text := d.Message
		if d.Location != "" {
			text = d.Location + ": " + text
		}
		texts = append(texts, text)
		edge.violations = append(edge.violations, violation{Rule: "input", Location: d.Location, Message: d.Message})
	}
	edge.detail = strings.Join(texts, "; ")
	if len(edge.violations) == 0 && code == codeMalformed { // an empty body where one is needed
		edge.detail = e.Detail
	}
	return problemFor(edge)
}

// writeProblem answers with a problem where huma is not at work.
func writeProblem(w http.ResponseWriter, p *Problem) {
	for name, values := range p.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller has gone; nobody is left to tell
}
