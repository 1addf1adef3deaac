package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"example.org/airlock/handler/airlock"
)

// router finds the handler of exactly one path and method. The standard mux
// cleans paths and redirects, and a path that means two things to two parsers is
// how outsiders reach routes that are not theirs: here a path either is a route
// to the letter, or it is nothing.
type router struct {
	entries []entry
}

type entry struct {
	method   string
	segments []string
	handler  http.HandlerFunc
	noHead   bool
}

// add has a handler answer for a method and a path with {parameters}.
func (rt *router) add(method, path string, noHead bool, handler http.HandlerFunc) {
	rt.entries = append(rt.entries, entry{method: method, segments: strings.Split(path, "/"), handler: handler, noHead: noHead})
}

// repeatable is the query parameter that may stand more than once.
const repeatable = "status"

// unjoin separates parameters that the Functions host joins: it hands a repeated parameter on as one,
// with commas between the values (DefaultHttpWorkerService, CreateProxyRequest). No status
// has a comma.
func unjoin(u *url.URL) {
	q := u.Query()
	if values := q[repeatable]; len(values) == 1 && strings.Contains(values[0], ",") {
		q[repeatable] = strings.Split(values[0], ",")
		u.RawQuery = q.Encode()
	}
}

// serve runs the handler of a path and method, or returns why there is none.
func (rt *router) serve(w http.ResponseWriter, r *http.Request) error {
	matching := rt.at(r.URL.EscapedPath())
	if len(matching) == 0 {
		return &edgeError{code: codeNoRoute}
	}
	unjoin(r.URL)
	allowed := methods(matching)
	if r.Method == http.MethodOptions {
		w.Header().Set("Allow", allowed)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	for _, m := range matching {
		if m.method != r.Method && !m.answersHead(r.Method) {
			continue
		}
		for name, value := range m.parameters {
			r.SetPathValue(name, value)
		}
		m.handler(w, r)
		return nil
	}
	w.Header().Set("Allow", allowed)
	return &edgeError{code: codeMethod}
}

// match is an entry that fits a path.
type match struct {
	entry
	parameters map[string]string
}

// at returns the entries that fit a path as it was sent. Nothing is decoded: no
// route and no parameter has a percent sign in it, so a path with %2f, %5c or
// %2e%2e is no route.
func (rt *router) at(path string) []match {
	segments := strings.Split(path, "/")
	var found []match
	for _, e := range rt.entries {
		if parameters, ok := e.fit(segments); ok {
			found = append(found, match{e, parameters})
		}
	}
	return found
}

func (e entry) fit(segments []string) (map[string]string, bool) {
	if len(segments) != len(e.segments) {
		return nil, false
	}
	parameters := map[string]string{}
	for i, want := range e.segments {
		name, isParameter := strings.CutPrefix(want, "{")
		if !isParameter {
			if segments[i] != want {
				return nil, false
			}
			continue
		}
		name = strings.TrimSuffix(name, "}")
		value, ok := parameter(name, segments[i])
		if !ok {
			return nil, false
		}
		parameters[name] = value
	}
	return parameters, true
}

// numbers are the path parameters that are positive numbers, as with the host's int
// constraint.
var numbers = map[string]bool{"turn": true, "number": true}

// parameter reads a path parameter. All of them but numbers and gates are UUIDs in any letter case
// and are handed on in lower case; any other text is no route, as with the host's guid
// constraint.
func parameter(name, text string) (string, bool) {
	if numbers[name] {
		n, err := strconv.Atoi(text)
		return text, err == nil && n > 0 && strconv.Itoa(n) == text
	}
	if name == "gate" {
		return text, airlock.IsGateID(text)
	}
	id, err := airlock.ParseRequestID(text)
	return string(id), err == nil
}

// answersHead reports whether a GET route answers HEAD as well.
func (e entry) answersHead(method string) bool {
	return method == http.MethodHead && e.method == http.MethodGet && !e.noHead
}

// methods lists a path's methods, for Allow.
func methods(matching []match) string {
	allowed := []string{http.MethodOptions}
	for _, m := range matching {
		allowed = append(allowed, m.method)
		if m.answersHead(http.MethodHead) {
			allowed = append(allowed, http.MethodHead)
		}
	}
	slices.Sort(allowed)
	return strings.Join(slices.Compact(allowed), ", ")
}
