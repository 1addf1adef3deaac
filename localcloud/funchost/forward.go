package funchost

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"example.org/airlock/localcloud/event"
)

// contentHeaders belong to .NET's HttpContent and so don't survive the copying of
// request headers; Content-Type comes back with a body.
var contentHeaders = []string{
	"Allow", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length", "Content-Location",
	"Content-Md5", "Content-Range", "Content-Type", "Expires", "Last-Modified",
}

// connectionHeaders concern one connection only.
var connectionHeaders = []string{"Connection", "Expect", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// forward passes a request to the handler and its whole answer back, with the
// quirks of enableForwardingHttpRequest (DefaultHttpWorkerService.cs and
// HttpRequestExtensions.cs of azure-functions-host). A handler that can't be
// reached, or dies meanwhile, is 500 with an empty body.
func (h *Host) forward(w http.ResponseWriter, r *http.Request, f *function, path string) {
	arrive(r)
	target, err := forwardedURL(path, r.URL.RawQuery)
	if err != nil || !parsableType(r) {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	sent := false
	err = h.call(r.Context(), func(ctx context.Context, to *worker) (*http.Request, error) {
		request := (&http.Request{Method: r.Method, URL: target, Host: r.Host, Header: forwardedHeader(r)}).WithContext(ctx)
		address := *target
		address.Scheme, address.Host = "http", to.address
		request.URL = &address
		if r.ContentLength > 0 { // a chunked body is dropped
			request.Body, request.ContentLength = io.NopCloser(r.Body), r.ContentLength
			if kind, ok := r.Header["Content-Type"]; ok {
				request.Header["Content-Type"] = kind
			}
		}
		return request, nil
	}, func(_ context.Context, answer *http.Response) error {
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			return err
		}
		for name, values := range answer.Header {
			if !slices.Contains(connectionHeaders, name) {
				w.Header()[name] = values
			}
		}
		sent = true
		w.WriteHeader(answer.StatusCode)
		_, _ = w.Write(body) // a client that left is nobody's failure
		return nil
	})
	if err != nil {
		h.log.Warn("forwarding failed", "function", f.name, "error", err)
		if !sent {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
}

// forwardedURL is the path and query that the handler gets.
func forwardedURL(path, query string) (*url.URL, error) {
	escaped := forwardedPath(path, query != "")
	plain, err := url.PathUnescape(escaped)
	return &url.URL{Path: plain, RawPath: escaped, RawQuery: forwardedQuery(query)}, err
}

// parsableType says whether .NET could parse the Content-Type it has to set.
func parsableType(r *http.Request) bool {
	values := r.Header["Content-Type"]
	if r.ContentLength <= 0 || len(values) == 0 {
		return true
	}
	kind, _, err := mime.ParseMediaType(strings.Join(values, ","))
	return err == nil && strings.Contains(kind, "/")
}

// forwardedHeader copies headers as .NET does, several values joined into one, and
// adds the host's own. The invocation id of a client comes first.
func forwardedHeader(r *http.Request) http.Header {
	header := http.Header{}
	for name, values := range r.Header {
		if !slices.Contains(contentHeaders, name) && !slices.Contains(connectionHeaders, name) {
			header[name] = slices.Clone(values)
		}
	}
	const id, version = "X-Azure-Functions-Invocationid", "X-Azure-Functions-Hostversion"
	header[id] = append(header[id], event.NewID())
	header[version] = append(header[version], hostVersion)
	header["User-Agent"] = append(header["User-Agent"], "Azure-Functions-Host/"+hostVersion)
	for name, values := range header {
		separator := ", "
		switch name {
		case "User-Agent":
			separator = " "
		case "Cookie":
			separator = "; "
		}
		header[name] = []string{strings.Join(values, separator)}
	}
	return header
}
