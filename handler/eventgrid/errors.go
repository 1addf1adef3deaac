package eventgrid

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"example.org/airlock/handler/airlock"
)

const publish = "publish events"

var errNoTopic = errors.New("no endpoint is known")

// kinds says what Event Grid's answers mean; every other status is transient.
var kinds = map[int]airlock.FaultKind{
	http.StatusUnauthorized:          airlock.Operator,
	http.StatusForbidden:             airlock.Operator, // the role EventGrid Data Sender, or public access, is missing
	http.StatusNotFound:              airlock.Operator, // the endpoint is no topic
	http.StatusMethodNotAllowed:      airlock.Operator,
	http.StatusGone:                  airlock.Operator,
	http.StatusBadRequest:            airlock.Permanent,
	http.StatusRequestEntityTooLarge: airlock.Permanent,
}

// classify turns an error of the SDK, the network or the credential into an
// *airlock.Fault, without URLs or answers' bodies.
func classify(topic airlock.Topic, err error) error {
	f := &airlock.Fault{Kind: airlock.Transient, Operation: publish, Account: string(topic)}
	if re, ok := errors.AsType[*azcore.ResponseError](err); ok {
		f.Code = re.ErrorCode
		if f.Code == "" {
			f.Code = "HTTP " + strconv.Itoa(re.StatusCode)
		}
		if kind, known := kinds[re.StatusCode]; known {
			f.Kind = kind
		}
		if re.RawResponse != nil {
			if seconds, err := strconv.Atoi(re.RawResponse.Header.Get("Retry-After")); err == nil && seconds > 0 {
				f.After = time.Duration(seconds) * time.Second
			}
		}
		f.Err = fmt.Errorf("event grid answered %d", re.StatusCode)
		return f
	}
	f.Kind, f.Code, f.Err = silence(err)
	return f
}

// silence judges errors that are no answer of Event Grid.
func silence(err error) (airlock.FaultKind, string, error) {
	if auth, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); ok {
		if r := auth.RawResponse; r != nil && r.StatusCode < 500 && r.StatusCode != http.StatusTooManyRequests {
			return airlock.Operator, "IdentityRefused", errors.New("no token for the managed identity")
		}
		return airlock.Transient, "IdentityUnavailable", errors.New("no token for the managed identity")
	}
	if request, ok := errors.AsType[*url.Error](err); ok {
		err = request.Err // without the URL
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return airlock.Operator, "NoSuchHost", err
	}
	if timeout, ok := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout() {
		return airlock.Transient, "TimedOut", err
	}
	return airlock.Transient, "ConnectionFailed", err
}
