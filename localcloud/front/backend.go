package front

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// apiVersion is the newest x-ms-version that Azurite 3.37.0 takes.
const apiVersion = "2026-06-06"

// Backend is Azurite, opened with the account keys.
type Backend struct {
	Blob, Table *url.URL
	Keys        map[string][]byte // account name to account key

	transport http.RoundTripper
}

// NewBackend returns a Backend with its own connections.
func NewBackend(blob, table *url.URL, keys map[string][]byte) *Backend {
	return &Backend{Blob: blob, Table: table, Keys: keys, transport: &http.Transport{
		Proxy:               nil, // never through ourselves
		MaxIdleConnsPerHost: 64,
		// Azurite closes idle connections after 5 s, and an upload that meets a closed one cannot be replayed.
		IdleConnTimeout:    4 * time.Second,
		DisableCompression: true,
		ReadBufferSize:     64 << 10, WriteBufferSize: 64 << 10, // blocks of many MiB pass through
	}}
}

// call makes a request of the local cloud itself. path begins with "/" and is escaped.
func (b *Backend) call(ctx context.Context, method, service, account, path, query string, header http.Header, body io.Reader) (*http.Response, error) {
	endpoint := b.Blob
	if service == "table" {
		endpoint = b.Table
	}
	req, err := http.NewRequestWithContext(ctx, method, endpoint.String(), body)
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	if header != nil {
		req.Header = header
	}
	req.Header.Set("x-ms-version", apiVersion)
	if service == "table" {
		req.Header.Set("x-ms-version", "2019-02-02")
	}
	req.URL = &url.URL{Scheme: endpoint.Scheme, Host: endpoint.Host, Opaque: "/" + account + path, RawQuery: query}
	return b.transport.RoundTrip(req)
}

// send puts a body of a known size to Azurite; path begins with the account.
func (b *Backend) send(ctx context.Context, path, query string, size int64, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, b.Blob.String(), body)
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	req.Header.Set("x-ms-version", apiVersion)
	req.ContentLength = size
	req.URL = &url.URL{Scheme: b.Blob.Scheme, Host: b.Blob.Host, Opaque: path, RawQuery: query}
	return b.transport.RoundTrip(req)
}

// done closes an answer and turns anything but success (or the code that is as good) into an error.
func done(resp *http.Response, err error, what, asGood string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 2048))
	code := resp.Header.Get("x-ms-error-code")
	if resp.StatusCode/100 == 2 || asGood != "" && (code == asGood || strings.Contains(string(text), asGood)) {
		return nil
	}
	if resp.StatusCode == http.StatusNotFound {
		return fmt.Errorf("%s: %w", what, fs.ErrNotExist)
	}
	return fmt.Errorf("%s: %s %s", what, resp.Status, code)
}

// CreateContainer makes a container unless it is there.
func (b *Backend) CreateContainer(ctx context.Context, account, container string) error {
	resp, err := b.call(ctx, http.MethodPut, "blob", account, "/"+container, "restype=container&"+b.accountSAS(account), nil, nil)
	return done(resp, err, "create container "+account+"/"+container, "ContainerAlreadyExists")
}

// CreateTable makes a table unless it is there.
func (b *Backend) CreateTable(ctx context.Context, account, table string) error {
	header := http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json;odata=nometadata"}}
	resp, err := b.call(ctx, http.MethodPost, "table", account, "/Tables", b.accountSAS(account), header, strings.NewReader(`{"TableName":"`+table+`"}`))
	return done(resp, err, "create table "+account+"/"+table, "TableAlreadyExists")
}

// Open opens a blob and returns its ETag and size; fs.ErrNotExist if it is not there.
func (b *Backend) Open(ctx context.Context, account, container, name string) (body io.ReadCloser, etag string, size int64, err error) {
	path := "/" + container + "/" + escapePath(name)
	resp, err := b.call(ctx, http.MethodGet, "blob", account, path, b.containerSAS(account, container), nil, nil)
	if err != nil || resp.StatusCode != http.StatusOK {
		err = done(resp, err, "read "+account+path, "")
		if err == nil {
			err = errors.New("read " + account + path + ": " + resp.Status)
		}
		return nil, "", 0, err
	}
	return resp.Body, resp.Header.Get("ETag"), resp.ContentLength, nil
}

// Read reads the first limit bytes of a blob; fs.ErrNotExist if it is not there.
func (b *Backend) Read(ctx context.Context, account, container, name string, limit int64) (text []byte, etag string, err error) {
	body, etag, _, err := b.Open(ctx, account, container, name)
	if err != nil {
		return nil, "", err
	}
	defer body.Close()
	text, err = io.ReadAll(io.LimitReader(body, limit))
	return text, etag, err
}

// Hash returns the SHA-256 of a whole blob, in hexadecimal.
func (b *Backend) Hash(ctx context.Context, account, container, name string) (string, error) {
	body, _, _, err := b.Open(ctx, account, container, name)
	if err != nil {
		return "", err
	}
	defer body.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, body); err != nil {
		return "", fmt.Errorf("read %s/%s: %w", account, container, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// head asks for a blob's properties; path is escaped.
func (b *Backend) head(ctx context.Context, account, container, path string) (http.Header, int64, error) {
	resp, err := b.call(ctx, http.MethodHead, "blob", account, path, b.containerSAS(account, container), nil, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("properties: %w", err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("properties: %s", resp.Status)
	}
	return resp.Header, resp.ContentLength, nil
}

func escapePath(p string) string {
	parts := strings.Split(p, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}
