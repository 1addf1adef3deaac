package tablestore

import (
	"encoding/base64"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"example.org/airlock/handler/airlock"
)

// superseded is the version of a state that was written, and written over by
// somebody else before the writer heard of it. No row is ever at it.
const superseded airlock.Version = "superseded"

// version makes an ETag fit for a header or an address: the service's own has
// quotes inside.
func version(e azcore.ETag) airlock.Version {
	return airlock.Version(base64.RawURLEncoding.EncodeToString([]byte(e)))
}

// etag undoes version. It returns false for a text that names no version of a
// row, among them the wildcard.
func etag(v airlock.Version) (azcore.ETag, bool) {
	b, err := base64.RawURLEncoding.DecodeString(string(v))
	e := azcore.ETag(b)
	if err != nil || !strings.HasPrefix(string(e), `W/"`) && !strings.HasPrefix(string(e), `"`) {
		return "", false
	}
	return e, true
}
