package events

import (
	"net/url"
	"strings"

	"example.org/airlock/handler/airlock"
)

// location is where an event says a blob lies.
type location struct {
	Account   string
	Container string
	Blob      string // decoded; "" for the container itself
}

// parseBlobURL reads https://{account}.blob.{suffix}/{container}/{blob}. It does
// not use url.Parse, which fails on a name with a lone '%' and takes the
// decoded path apart again: a name may hold anything, so the blob's part is
// decoded exactly once and as a whole. A '+' is a plus sign.
func parseBlobURL(s string) (location, error) {
	rest, ok := cutScheme(s)
	if !ok {
		return location{}, malformed("no blob address")
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	host, path, _ := strings.Cut(rest, "/")
	account, domain, _ := strings.Cut(strings.ToLower(host), ".")
	if !airlock.IsAccountName(account) || !strings.HasPrefix(domain, "blob.") {
		return location{}, malformed("not the address of a storage account")
	}
	container, blob, _ := strings.Cut(path, "/")
	if container == "" {
		return location{}, malformed("an address without a container")
	}
	return location{Account: account, Container: decoded(container), Blob: decoded(blob)}, nil
}

// rawBlob returns the part of a blob's address behind the container as it stands.
func rawBlob(address string) (string, bool) {
	rest, ok := cutScheme(address)
	if !ok {
		return "", false
	}
	_, path, _ := strings.Cut(rest, "/")
	_, blob, ok := strings.Cut(path, "/")
	return blob, ok && blob != ""
}

func cutScheme(s string) (string, bool) {
	for _, scheme := range []string{"https://", "http://"} {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return s[len(scheme):], true
		}
	}
	return "", false
}

// decoded undoes percent-encoding; a text that is not encoded stays as it is.
func decoded(s string) string {
	if d, err := url.PathUnescape(s); err == nil {
		return d
	}
	return s
}

// parseBlobSubject reads the subject of a storage event
// ("/blobServices/default/containers/{c}/blobs/{b}") or of a scan result
// ("storageAccounts/{a}/containers/{c}/blobs/{b}"). Subjects are not encoded.
// It returns false for any other subject.
func parseBlobSubject(subject string) (location, bool) {
	var l location
	rest := strings.TrimPrefix(subject, "/")
	switch {
	case strings.HasPrefix(rest, "blobServices/default/"):
		rest = strings.TrimPrefix(rest, "blobServices/default/")
	case strings.HasPrefix(rest, "storageAccounts/"):
		l.Account, rest, _ = strings.Cut(strings.TrimPrefix(rest, "storageAccounts/"), "/")
		if !airlock.IsAccountName(l.Account) {
			return location{}, false
		}
	default:
		return location{}, false
	}
	rest, ok := strings.CutPrefix(rest, "containers/")
	if !ok {
		return location{}, false
	}
	l.Container, rest, _ = strings.Cut(rest, "/")
	if l.Container == "" {
		return location{}, false
	}
	l.Blob, _ = strings.CutPrefix(rest, "blobs/")
	return l, true
}

// requestOf returns the request a container belongs to. Containers of ours are
// named by airlock.NewContainerName; any other is foreign.
func (l location) requestOf() (airlock.RequestID, error) {
	id, _, _, err := airlock.ParseContainerName(l.Container)
	if err != nil {
		return "", errForeign
	}
	return id, nil
}
