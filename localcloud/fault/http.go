package fault

import (
	"context"
	"net/http"
	"time"
)

// Pass logs the call, lets a rule spoil it, and otherwise has next answer it. refuse answers a status in the service's
// own form. Hold is left to next, which asks Held.
func (f *Filter) Pass(w http.ResponseWriter, r *http.Request, c Call, refuse func(w http.ResponseWriter, status int), next http.HandlerFunc) {
	c.ClientID = r.Header.Get("x-ms-client-request-id")
	call, rule := f.begin(c)
	seen := &recorder{ResponseWriter: w}
	defer func() { f.end(call, seen.status) }() // also when a panic drops the connection

	switch {
	case rule == nil:
	case rule.Status() != 0:
		if rule.RetryAfter != "" {
			w.Header().Set("Retry-After", rule.RetryAfter)
		}
		refuse(seen, rule.Status())
		return
	case rule.is(Drop):
		panic(http.ErrAbortHandler)
	case rule.is(KillBefore):
		f.kill()
		panic(http.ErrAbortHandler)
	case rule.is(Delay):
		select {
		case <-time.After(rule.For):
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	case rule.is(Lose), rule.is(KillAfter):
		// The work must get done whatever becomes of the caller.
		next(&nowhere{header: http.Header{}}, r.WithContext(context.WithoutCancel(r.Context())))
		if rule.is(KillAfter) {
			f.kill()
		}
		panic(http.ErrAbortHandler)
	}
	next(seen, r.WithContext(context.WithValue(r.Context(), ruleKey{}, rule)))
	if seen.status == 0 { // who answers nothing at all has answered 200
		seen.status = http.StatusOK
	}
}

type ruleKey struct{}

// Held returns the rule that keeps this request's copy pending, or nil.
func Held(r *http.Request) *Rule {
	rule, _ := r.Context().Value(ruleKey{}).(*Rule)
	if rule.is(Hold) {
		return rule
	}
	return nil
}

// Handler passes every request to next as a call of operation op by a program; where names its target.
func (f *Filter) Handler(op string, where func(*http.Request) string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.Pass(w, r, Call{Op: op, Where: where(r), By: Program}, func(w http.ResponseWriter, status int) {
			http.Error(w, `{"error":{"code":"Injected","message":"injected"}}`, status)
		}, next.ServeHTTP)
	})
}

// recorder remembers the status for the log; Unwrap keeps Flush and friends reachable.
type recorder struct {
	http.ResponseWriter
	status int
}

func (w *recorder) WriteHeader(status int) {
	if status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// nowhere takes an answer that nobody gets.
type nowhere struct{ header http.Header }

func (w *nowhere) Header() http.Header         { return w.header }
func (w *nowhere) WriteHeader(int)             {}
func (w *nowhere) Write(b []byte) (int, error) { return len(b), nil }
