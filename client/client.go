package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Audience says whose API a token has to be for.
type Audience struct {
	Workspace string // id; "" is the TRE's own API, the core
}

// Tokens gets bearer tokens. It is asked anew for each call and may cache them.
type Tokens interface {
	// Token returns a token that is good now. With fresh, one that was refused is not
	// returned again.
	Token(ctx context.Context, a Audience, fresh bool) (string, error)
}

// Client calls one airlock. It is safe for concurrent use.
type Client struct {
	base   *url.URL
	http   *http.Client
	tokens Tokens
}

// maxAnswer bounds the bytes read of one answer: the longest are audit trails.
const maxAnswer = 256 << 20

// New returns a client of the API at base, e.g. https://airlock.example.org/api.
// Tokens go over TLS only; plain http is for this machine itself.
func New(base string, transport http.RoundTripper, tokens Tokens) (*Client, error) {
	u, err := ParseBase(base)
	if err != nil {
		return nil, err
	}
	// A redirect would carry the token to a place that nobody chose.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{base: u, http: &http.Client{Transport: transport, CheckRedirect: stay}, tokens: tokens}, nil
}

// ParseBase reads the address of an API, and takes that of a page of the portal or of a
// request for it, too.
func ParseBase(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("%q is no address of an airlock; it looks like https://airlock.example.org/api", text)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fmt.Errorf("%s: only https is safe for tokens; plain http is for 127.0.0.1 alone", text)
	}
	path, _, _ := strings.Cut(strings.TrimRight(u.Path, "/"), "/workspaces/")
	path = strings.TrimSuffix(path, "/ui")
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// URL is the address of the API.
func (c *Client) URL() string { return c.base.String() }

// Call is one call of the API.
type Call struct {
	Method  string
	Path    string // after the address, e.g. /workspaces
	Query   url.Values
	Header  http.Header
	Body    any // nil for none
	Open    bool
	For     Audience
	Timeout time.Duration // 0: a minute
}

// Answer is an answer of the API.
type Answer struct {
	Status int
	Header http.Header
	Raw    json.RawMessage
}

// Do makes a call. Answers of 400 and above are *Problem errors; 304 is an answer. A
// call that changes nothing is repeated when the service says that it will be back
// soon, and any call is when its token has expired.
func (c *Client) Do(ctx context.Context, call Call) (Answer, error) {
	body, err := encode(call.Body)
	if err != nil {
		return Answer{}, err
	}
	renewed := false
	for attempt := 1; ; attempt++ {
		answer, err := c.try(ctx, call, body, renewed)
		problem, refused := errors.AsType[*Problem](err)
		switch {
		case refused && problem.Status == http.StatusUnauthorized && !renewed && !call.Open:
			renewed = true
		case c.again(call, attempt, err):
			if err := sleep(ctx, pause(attempt, problem)); err != nil {
				return Answer{}, err
			}
		default:
			return answer, err
		}
	}
}

const attempts = 4

// again reports whether a call is worth repeating.
func (c *Client) again(call Call, attempt int, err error) bool {
	safe := call.Method == http.MethodGet || call.Header.Get("Idempotency-Key") != ""
	if err == nil || !safe || attempt >= attempts {
		return false
	}
	problem, refused := errors.AsType[*Problem](err)
	if !refused {
		_, network := errors.AsType[*NetworkError](err)
		return network
	}
	return problem.Status == http.StatusServiceUnavailable || problem.Status == http.StatusBadGateway || problem.Status == http.StatusGatewayTimeout
}

func pause(attempt int, problem *Problem) time.Duration {
	if problem != nil && problem.RetryAfter > 0 {
		return min(problem.RetryAfter, 30*time.Second)
	}
	return time.Duration(1<<(attempt-1)) * 500 * time.Millisecond
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func encode(body any) ([]byte, error) {
	switch b := body.(type) {
	case nil:
		return nil, nil
	case json.RawMessage:
		return b, nil
	}
	return json.Marshal(body)
}

func (c *Client) try(ctx context.Context, call Call, body []byte, fresh bool) (Answer, error) {
	limit := call.Timeout
	if limit == 0 {
		limit = time.Minute
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req, err := c.request(limited, call, body)
	if err != nil {
		return Answer{}, err
	}
	if !call.Open {
		token, err := c.tokens.Token(limited, call.For, fresh)
		if err != nil {
			return Answer{}, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return Answer{}, ctx.Err()
		}
		return Answer{}, &NetworkError{Host: c.base.Host, Err: withoutURL(err)}
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		if ctx.Err() != nil {
			return Answer{}, ctx.Err()
		}
		return Answer{}, &NetworkError{Host: c.base.Host, Err: err}
	}
	answer := Answer{Status: resp.StatusCode, Header: resp.Header, Raw: raw}
	if resp.StatusCode >= 300 && resp.StatusCode != http.StatusNotModified {
		return answer, problemOf(answer)
	}
	return answer, nil
}

func (c *Client) request(ctx context.Context, call Call, body []byte) (*http.Request, error) {
	u := *c.base
	u.Path += call.Path
	u.RawQuery = call.Query.Encode()
	// The Functions host drops the body of a chunked request: a reader of bytes has a length.
	req, err := http.NewRequestWithContext(ctx, call.Method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range call.Header {
		req.Header[name] = values
	}
	req.Header.Set("Accept", "application/json")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	} else if call.Method != http.MethodGet {
		req.Header.Set("Content-Length", strconv.Itoa(0))
	}
	return req, nil
}

// withoutURL drops the address from an error of net/http, which may hold a signature.
func withoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// decode reads an answer into a value.
func decode[T any](a Answer, err error) (T, error) {
	var value T
	if err != nil || a.Status == http.StatusNotModified {
		return value, err
	}
	if err := json.Unmarshal(a.Raw, &value); err != nil {
		return value, fmt.Errorf("the answer of the airlock cannot be read; is this the address of an airlock's API? (%w)", err)
	}
	return value, nil
}
