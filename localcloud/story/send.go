package story

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
)

// Sends makes a call of Blob Storage about a blob of the draft with the draft's link, as any client may: query stands
// before the signature, e.g. "comp=tier&". It returns the status.
func (a *Person) Sends(method, blob, query string, header http.Header, body []byte) (status int) {
	if a.draftLink == "" {
		a.draftLink = string(a.link())
	}
	status, _, err := a.Cloud.status(a.ctx, method, link(a.draftLink).blob(blob, query), header, int64(len(body)), bytes.NewReader(body))
	a.must(err)
	return status
}

// Source is the address of a blob of the draft with its signature, as the source of a copy in the cloud.
func (a *Person) Source(blob string) string {
	if a.draftLink == "" {
		a.draftLink = string(a.link())
	}
	u, err := url.Parse(link(a.draftLink).blob(blob, ""))
	a.must(err)
	account, rest, _ := strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	return "https://" + account + ".blob.core.windows.net/" + rest + "?" + u.RawQuery
}
