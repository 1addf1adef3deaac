package grid

import (
	"net/http"
	"time"
)

// backoff is the wait after the first, second, … failed attempt; the last one
// repeats (learn.microsoft.com/azure/event-grid/delivery-and-retry#retry-schedule).
var backoff = []time.Duration{
	10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
}

// minimumWait is the least wait that certain answers ask for.
func minimumWait(status int) time.Duration {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return 5 * time.Minute
	case http.StatusRequestTimeout:
		return 2 * time.Minute
	case http.StatusServiceUnavailable:
		return 30 * time.Second
	}
	return 10 * time.Second
}

// waitAfter is how long to wait after the given attempt (1 is the first) failed.
// luck in [0, 1) lengthens it by up to a fifth, as Event Grid's randomisation does.
func waitAfter(attempt, status int, luck float64) time.Duration {
	wait := backoff[min(attempt, len(backoff))-1]
	wait = max(wait, minimumWait(status))
	return wait + time.Duration(luck*float64(wait)/5)
}

// accepted are the answers that end a delivery well; any other 2xx does not.
func accepted(status int) bool {
	switch status {
	case http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNonAuthoritativeInfo, http.StatusNoContent:
		return true
	}
	return false
}

// hopeless returns the dead-letter reason of an answer after which Event Grid
// does not try again, or "".
func hopeless(status int, azureFunction bool) string {
	switch {
	case status == http.StatusBadRequest:
		return "UndeliverableDueToHttpBadRequest"
	case status == http.StatusRequestEntityTooLarge:
		return "UndeliverableDueToHttpRequestEntityTooLarge"
	case status == http.StatusUnauthorized && !azureFunction:
		return "UndeliverableDueToHttpUnauthorized"
	case status == http.StatusForbidden && !azureFunction:
		return "UndeliverableDueToHttpForbidden"
	}
	return ""
}

// outcomeOf names an answer as dead letters do.
func outcomeOf(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "BadRequest"
	case http.StatusUnauthorized:
		return "Unauthorized"
	case http.StatusForbidden:
		return "Forbidden"
	case http.StatusNotFound:
		return "NotFound"
	case http.StatusRequestTimeout:
		return "TimedOut"
	case http.StatusRequestEntityTooLarge:
		return "PayloadTooLarge"
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return "Busy"
	}
	return "GenericError"
}
