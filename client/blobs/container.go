package blobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// Link is a signed address of a container.
type Link struct {
	URL     string
	Expires time.Time
}

// Container is a request's container as its link shows it. It is safe for concurrent
// use.
type Container struct {
	renew   func(context.Context) (Link, error)
	options *container.ClientOptions
	host    string

	mu     sync.Mutex
	client *container.Client
	used   string // the link in use

	reached atomic.Bool  // storage has answered
	missed  atomic.Int32 // calls without an answer before it had
}

// Open returns the container that renew's links lead to. renew is asked at once, and
// again when storage does not take the link any more.
func Open(ctx context.Context, transport http.RoundTripper, renew func(context.Context) (Link, error)) (*Container, error) {
	c := &Container{renew: renew}
	c.options = &container.ClientOptions{ClientOptions: policy.ClientOptions{
		Transport: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Retry:     policy.RetryOptions{MaxRetries: 5, RetryDelay: time.Second, MaxRetryDelay: 16 * time.Second, ShouldRetry: c.again},
		Telemetry: policy.TelemetryOptions{ApplicationID: "airlock"},
	}}
	_, err := c.next(ctx, nil)
	return c, err
}

// again reports whether a call is worth repeating. An outage in the middle is waited
// out; storage that never answered is most likely not for this network, which people
// shall know at once.
func (c *Container) again(resp *http.Response, err error) bool {
	if err != nil {
		return c.reached.Load() || c.missed.Add(1) == 1
	}
	c.reached.Store(true)
	switch resp.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// OpenFile returns the container as far as links to one file of it lead there.
func OpenFile(ctx context.Context, transport http.RoundTripper, name string, renew func(context.Context) (Link, error)) (*Container, error) {
	return Open(ctx, transport, func(ctx context.Context) (Link, error) {
		link, err := renew(ctx)
		if err == nil {
			link.URL, err = above(link.URL, name)
		}
		return link, err
	})
}

// above is the address of the container of a file's address, with the same signature.
func above(address, name string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("the airlock gave a link that cannot be read")
	}
	path, ok := strings.CutSuffix(u.Path, "/"+name)
	if !ok {
		return "", errors.New("the airlock gave a link to another file")
	}
	u.Path, u.RawPath = path, ""
	return u.String(), nil
}

// now is the client with the link in use.
func (c *Container) now() *container.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.client
}

// next replaces a client whose link was refused. Of many that were refused the same
// link, one asks for another.
func (c *Container) next(ctx context.Context, refused *container.Client) (*container.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client != refused {
		return c.client, nil
	}
	link, err := c.renew(ctx)
	if err != nil {
		return nil, err
	}
	if link.URL == c.used { // the service hands out one link for some minutes
		return c.client, nil
	}
	u, err := url.Parse(link.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && !onThisMachine(u.Hostname()) {
		return nil, errors.New("the airlock gave a link that is no https address")
	}
	if c.client, err = container.NewClientWithNoCredential(link.URL, c.options); err != nil {
		return nil, errors.New("the airlock gave a link that cannot be read")
	}
	c.used, c.host = link.URL, u.Host
	return c.client, nil
}

func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// with does something with the container, and again with a new link if storage did not
// take the one in use.
func (c *Container) with(ctx context.Context, do func(*container.Client) error) error {
	client := c.now()
	err := do(client)
	if !refused(err) {
		return c.explain(ctx, err)
	}
	next, err := c.next(ctx, client)
	if err != nil {
		return err
	}
	return c.explain(ctx, do(next))
}

func refused(err error) bool {
	answer, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && (answer.StatusCode == http.StatusForbidden || answer.StatusCode == http.StatusUnauthorized)
}

// UnreachableError says that storage cannot be reached from here: stage accounts take
// connections from certain networks only.
type UnreachableError struct {
	Host string
	Why  string
	Err  error // of the network; nil if storage itself refused
}

// Error implements error.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("the files of this request cannot be reached from this network (%s: %s). "+
		"Exports are uploaded and reviewed from a machine of the workspace, imports are reviewed from the review network and read in the workspace", e.Host, e.Why)
}

// Unwrap returns the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

// explain says what storage answered, without addresses, which are signed.
func (c *Container) explain(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return err
	}
	if disk, ok := errors.AsType[*fs.PathError](err); ok { // whoever read or wrote for the call could not
		return disk
	}
	answer, answered := errors.AsType[*azcore.ResponseError](err)
	if !answered {
		if failed, ok := errors.AsType[*url.Error](err); ok {
			return &UnreachableError{Host: c.host, Why: failed.Err.Error(), Err: failed.Err}
		}
		if failed, ok := errors.AsType[net.Error](err); ok {
			return &UnreachableError{Host: c.host, Why: failed.Error(), Err: failed}
		}
		return err
	}
	switch bloberror.Code(answer.ErrorCode) {
	case bloberror.AuthorizationFailure:
		return &UnreachableError{Host: c.host, Why: "storage does not admit it"}
	case bloberror.AuthenticationFailed, bloberror.AuthorizationPermissionMismatch:
		return &StorageError{Code: answer.ErrorCode, Say: "storage does not take the link, not even a new one; repeat the command in a minute, and tell your TRE's operators if it stays so"}
	case bloberror.ContainerNotFound, bloberror.ContainerBeingDeleted, bloberror.ContainerDisabled:
		return &StorageError{Code: answer.ErrorCode, Say: "the request's files are not there any more: look at the request with `airlock show`"}
	}
	return &StorageError{Code: answer.ErrorCode, Status: answer.StatusCode, Say: "storage refused"}
}

// StorageError is a refusal by storage.
type StorageError struct {
	Code   string
	Status int
	Say    string
}

// Error implements error.
func (e *StorageError) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%s (HTTP %d)", e.Say, e.Status)
	}
	return fmt.Sprintf("%s (%s)", e.Say, e.Code)
}

// Delete deletes a file of a draft.
func (c *Container) Delete(ctx context.Context, name string) error {
	return c.with(ctx, func(client *container.Client) error {
		_, err := client.NewBlobClient(name).Delete(ctx, nil)
		return err
	})
}
