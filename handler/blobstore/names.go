package blobstore

import (
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"example.org/airlock/handler/airlock"
)

// addressable reports whether a blob name means the same blob to every reader of
// its URL. URL libraries resolve "." and ".." segments, some even when they are
// escaped, so a copy source with them could name a neighbour's file; an empty
// name would address the container itself.
func addressable(name string) bool {
	if name == "" {
		return false
	}
	for _, segment := range strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' }) {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

// sourceURL is the URL of a blob as x-ms-copy-source wants it.
func (a *account) sourceURL(c airlock.Container, name string) string {
	return a.hostURL + "/" + string(c.Name) + "/" + escaped(name)
}

// escaped is a blob name for a URL: everything but unreserved characters (RFC 3986) and
// slashes is escaped, so that no reader can take a '+', '&' or '=' for anything but itself.
func escaped(name string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(name) {
		switch ch := name[i]; {
		case 'a' <= ch && ch <= 'z', 'A' <= ch && ch <= 'Z', '0' <= ch && ch <= '9', strings.IndexByte("-._~/", ch) >= 0:
			b.WriteByte(ch)
		default:
			b.Write([]byte{'%', hex[ch>>4], hex[ch&15]})
		}
	}
	return b.String()
}

// unquoted is an ETag as the rest of the program knows it: without quotes.
func unquoted(etag *azcore.ETag) string {
	if etag == nil {
		return ""
	}
	return strings.Trim(string(*etag), `"`)
}

// quotedETag is an ETag as a condition wants it.
func quotedETag(etag string) *azcore.ETag {
	q := azcore.ETag(`"` + etag + `"`)
	return &q
}
