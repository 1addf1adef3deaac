package story

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Sends makes a call of Blob Storage about a blob of the draft with the draft's link, as any client may: query stands
// before the signature, e.g. "comp=tier&". It returns the status. Once the link is there, many may call it at once.
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

// Copies begins a copy of a blob of the draft beside it, which is from then on one of the draft's files.
func (a *Person) Copies(from, to string) *Person {
	status := a.Sends(http.MethodPut, to, "", http.Header{"X-Ms-Copy-Source": {a.Source(from)}}, nil)
	a.Holds(status == http.StatusAccepted, "a copy within the draft is answered with %d", status)
	f := a.files[slices.IndexFunc(a.files, func(f File) bool { return f.Name == from })]
	f.Name = to
	a.files = append(a.files, f)
	return a
}

// Deletes takes a blob out of the draft, once nothing is copied into it.
func (a *Person) Deletes(name string) *Person {
	a.Until(func() string {
		if status := a.Sends(http.MethodDelete, name, "", nil, nil); status != http.StatusAccepted {
			return fmt.Sprintf("a blob of the draft cannot be deleted: %d", status)
		}
		return ""
	})
	a.files = slices.DeleteFunc(a.files, func(f File) bool { return f.Name == name })
	return a
}
