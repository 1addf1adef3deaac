package front

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// CORSRule is the one rule of an account's blob service: the calls that scripts of these pages may make
// (learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services).
// It is no authorization: every request needs its signature all the same.
type CORSRule struct {
	Origins, Methods []string
	AllowedHeaders   []string // of requests, in lower case
	ExposedHeaders   []string // of answers
	MaxAge           int      // seconds
}

func (c CORSRule) allows(origin, method string) bool {
	return slices.Contains(c.Origins, origin) && slices.Contains(c.Methods, method)
}

// SetCORS gives accounts their rules, and takes the rules of all others. It is called before the front serves.
func (f *Front) SetCORS(rules map[string]CORSRule) { f.cors = rules }

// preflight answers the question a browser asks before a request, before anything looks for a signature, as Azure does.
// It reports whether the request was one.
func (f *Front) preflight(w http.ResponseWriter, r *http.Request, q *request) bool {
	origin, method := r.Header.Get("Origin"), r.Header.Get("Access-Control-Request-Method")
	if r.Method != http.MethodOptions {
		return false
	}
	rule := f.cors[q.account]
	if origin == "" || method == "" {
		fail(w, r, q, http.StatusBadRequest, "InvalidHeaderValue", "a preflight needs Origin and Access-Control-Request-Method")
		return true
	}
	asked := headerNames(r.Header.Get("Access-Control-Request-Headers"))
	if q.service != "blob" || !rule.allows(origin, method) ||
		slices.ContainsFunc(asked, func(name string) bool { return !slices.Contains(rule.AllowedHeaders, name) }) {
		fail(w, r, q, http.StatusForbidden, "CorsPreflightFailure", "CORS not enabled or no matching rule found for this request.")
		return true
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Methods", method)
	if len(asked) > 0 {
		h.Set("Access-Control-Allow-Headers", strings.Join(asked, ","))
	}
	h.Set("Access-Control-Max-Age", strconv.Itoa(rule.MaxAge))
	h.Set("Vary", "Origin")
	w.WriteHeader(http.StatusOK)
	return true
}

// share lets the page that asked read the answer, errors included.
func (f *Front) share(h http.Header, r *http.Request, q *request) {
	origin := r.Header.Get("Origin")
	if rule := f.cors[q.account]; q.service == "blob" && origin != "" && rule.allows(origin, r.Method) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", strings.Join(rule.ExposedHeaders, ","))
		h.Set("Vary", "Origin")
	}
}

func headerNames(list string) (names []string) {
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			names = append(names, name)
		}
	}
	return names
}
