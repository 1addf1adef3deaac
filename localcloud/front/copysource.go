package front

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// sourceLife is how long the signature on a copy source is good: Azurite shows it afterwards to everybody who can read
// the destination's properties (the front takes it out of its answers).
const sourceLife = 2 * time.Minute

// source is a copy source that the caller may read.
type source struct {
	account, container string
	path               string // escaped, from the container on
	query              url.Values
}

// allowCopy checks a copy's source and puts Azurite's URL of it into the request.
func (f *Front) allowCopy(r *http.Request, q *request) *refusal {
	src, err := f.copySource(r, q)
	if err != nil {
		return &refusal{http.StatusForbidden, "CannotVerifyCopySource", err.Error()}
	}
	backend := f.config.Backend
	if q.op == "CopyBlobFromURL" {
		// A missing source is left to Azurite, which answers 404 as Azure does.
		_, size, err := backend.head(r.Context(), src.account, src.container, src.path)
		if err == nil && size > f.config.SyncCopyLimit {
			// Status and code as seen of Azure in github.com/Azure/azure-sdk-for-go/issues/19880.
			return &refusal{http.StatusConflict, "CannotVerifyCopySource",
				"The source request body for copy source is too large and exceeds the maximum permissible limit (256MB)."}
		}
	}
	name, _ := url.PathUnescape(src.path)
	sas := backend.serviceSAS(src.account, "/blob/"+src.account+name, "b", "r", time.Now().Add(sourceLife), nil)
	r.Header.Set("x-ms-copy-source", backend.Blob.String()+"/"+src.account+src.path+"?"+withoutSAS(src.query, sas))
	r.Header.Del("x-ms-copy-source-authorization")
	return nil
}

// copySource reads the production URL of a copy source. The source is authorized here, because Azurite does not ask
// within one account: by a SAS that permits reading, by a token of its own, or by the request's token in its account.
func (f *Front) copySource(r *http.Request, q *request) (*source, error) {
	u, err := url.Parse(r.Header.Get("x-ms-copy-source"))
	if err != nil {
		return nil, err
	}
	account, service, ok := splitHost(u.Host)
	container, blob, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if !ok || u.Scheme != "https" || service != "blob" || f.config.Backend.Keys[account] == nil || container == "" || blob == "" || dotSegments(u.Path) {
		return nil, errors.New("copy source is not a blob of this cloud")
	}
	token, hasToken := strings.CutPrefix(r.Header.Get("x-ms-copy-source-authorization"), "Bearer ")
	// Azure knows that header for the synchronous operations only, so an asynchronous copy must not lean on it here.
	hasToken = hasToken && q.op != "CopyBlob"
	switch {
	case u.Query().Get("sig") != "":
		if _, err := f.verifySAS(u.Query(), account, container, strings.ReplaceAll(blob, `\`, "/")); err != nil {
			return nil, err
		}
		if !strings.Contains(u.Query().Get("sp"), "r") {
			return nil, errors.New("source signature does not permit reading")
		}
	case hasToken:
		if _, err := f.bearer(token, account, "blob"); err != nil {
			return nil, err
		}
	case q.bearer == nil || account != q.account:
		return nil, errors.New("copy source is not authorized")
	}
	return &source{account: account, container: container, path: "/" + container + "/" + escapePath(blob), query: u.Query()}, nil
}

// productionURL undoes allowCopy: host-style, and without the signature.
func productionURL(src string) string {
	u, err := url.Parse(src)
	if err != nil {
		return ""
	}
	account, path, _ := strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	return "https://" + account + ".blob" + storageSuffix + "/" + path
}
