package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
)

// maxPages bounds a listing: 999 entries each.
const maxPages = 50

var errForeignPage = errors.New("notify: the next page is on another host")

// get reads one object. path begins with the API's version.
func (g *Graph) get(ctx context.Context, path string, into any) error {
	return g.fetch(ctx, g.endpoint+path, into)
}

func (g *Graph) fetch(ctx context.Context, address string, into any) error {
	req, err := runtime.NewRequest(ctx, http.MethodGet, address)
	if err != nil {
		return err
	}
	req.Raw().Header.Set("Accept", "application/json")
	resp, err := g.pipeline.Do(req) //nolint:bodyclose // the pipeline reads and closes it
	if err != nil {
		return err
	}
	if !runtime.HasStatusCode(resp, http.StatusOK) {
		return runtime.NewResponseError(resp)
	}
	return runtime.UnmarshalAsJSON(resp, into)
}

// list reads all pages of a listing. A next page is followed on Graph's own
// host only: our token must not go anywhere else.
func list[T any](ctx context.Context, g *Graph, path string) ([]T, error) {
	var all []T
	next := g.endpoint + path
	for range maxPages {
		var page struct {
			Value []T    `json:"value"`
			Next  string `json:"@odata.nextLink"`
		}
		if err := g.fetch(ctx, next, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Value...)
		if page.Next == "" {
			return all, nil
		}
		if !g.own(page.Next) {
			return nil, &airlock.Fault{Kind: airlock.Transient, Code: "ForeignPage", Operation: "look up role members", Account: "directory", Err: errForeignPage}
		}
		next = page.Next
	}
	return nil, fmt.Errorf("notify: a listing of more than %d pages", maxPages)
}

// own reports whether an address is on Graph's host.
func (g *Graph) own(address string) bool {
	a, err := url.Parse(address)
	b, err2 := url.Parse(g.endpoint)
	return err == nil && err2 == nil && a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host) && a.User == nil
}

func gone(err error) bool {
	r, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && r.StatusCode == http.StatusNotFound
}

// meanings says what Graph's answers mean. An operator has to mend a refusal, or a
// service principal that is not there; all else passes.
var meanings = []azure.Meaning{
	{Status: http.StatusBadRequest, Kind: airlock.Operator},
	{Status: http.StatusUnauthorized, Kind: airlock.Operator},
	{Status: http.StatusForbidden, Kind: airlock.Operator},
	{Status: http.StatusNotFound, Kind: airlock.Operator},
	{Kind: airlock.Transient},
}

func faultOf(err error) error {
	return azure.Fault("look up role members", "directory", err, meanings)
}
