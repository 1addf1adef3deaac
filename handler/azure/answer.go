package azure

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// LongestWait bounds how long a service can send us away: nothing may wait for a
// day because one header said so.
const LongestWait = 10 * time.Minute

// Answer is a refusal by a service. As an error it is safe in a log: it holds no
// address, no header's value but the service's name for the request, and no body.
type Answer struct {
	Status  int
	Code    string        // the service's error code; "" without one
	After   time.Duration // how long the service asks us to wait; 0: it does not say
	Request string        // the service's name for the request, for a support case
}

func (a *Answer) Error() string {
	text := "the service answered " + strconv.Itoa(a.Status)
	if a.Code != "" {
		text += " " + a.Code
	}
	if a.Request != "" {
		text += " (request " + a.Request + ")"
	}
	return text
}

// Name is the code, or a word for an answer without one.
func (a *Answer) Name() string {
	if a.Code != "" {
		return a.Code
	}
	return fmt.Sprintf("HTTP %d", a.Status)
}

// AnswerOf returns the refusal that err holds, if it holds one.
func AnswerOf(err error) (*Answer, bool) {
	if a, ok := errors.AsType[*Answer](err); ok {
		return a, true
	}
	e, ok := errors.AsType[*azcore.ResponseError](err)
	if !ok {
		return nil, false
	}
	a := &Answer{Status: e.StatusCode, Code: e.ErrorCode}
	if e.RawResponse != nil {
		a.After = retryAfter(e.RawResponse.Header, time.Now())
		a.Request = e.RawResponse.Header.Get("x-ms-request-id")
		if a.Request == "" {
			a.Request = e.RawResponse.Header.Get("request-id") // Microsoft Graph
		}
	}
	return a, true
}

// retryAfter reads how long a service asks to wait, in the forms that azcore's
// own retries know: milliseconds, seconds or a date. It is between 0 and
// LongestWait.
func retryAfter(h http.Header, now time.Time) time.Duration {
	for _, form := range []struct {
		name string
		unit time.Duration
	}{{"Retry-After-Ms", time.Millisecond}, {"X-Ms-Retry-After-Ms", time.Millisecond}, {"Retry-After", time.Second}} {
		n, err := strconv.ParseInt(h.Get(form.name), 10, 64)
		if err == nil && n > 0 || errors.Is(err, strconv.ErrRange) && n > 0 {
			return time.Duration(min(n, int64(LongestWait/form.unit))) * form.unit
		}
	}
	if at, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		return min(max(at.Sub(now), 0), LongestWait)
	}
	return 0
}
