package blobstore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// cause is what is kept of an error: a text that is safe in a log, and whether
// the caller's context ended it.
type cause struct {
	text string
	is   error
}

func (c *cause) Error() string { return c.text }
func (c *cause) Unwrap() error { return c.is }

// A URL's path names a file and its query may hold a signature. Transport errors
// quote URLs, and storage quotes headers it does not like, x-ms-copy-source among
// them.
var (
	urls       = regexp.MustCompile(`(https?://[^\s"'<>/?]*)[^\s"'<>]*`)
	signatures = regexp.MustCompile(`(?i)\bsig=[^\s"'<>&]*`)
)

func harmless(err error) error {
	c := &cause{}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			c.is = ended
		}
	}
	if re, ok := errors.AsType[*azcore.ResponseError](err); ok {
		c.text = fmt.Sprintf("storage answered %d", re.StatusCode)
		if re.RawResponse != nil {
			if id := re.RawResponse.Header.Get("x-ms-request-id"); id != "" {
				c.text += " (request id " + id + ")"
			}
		}
		return c
	}
	if request, ok := errors.AsType[*url.Error](err); ok {
		err = request.Err // without the URL, which names a file
	}
	c.text = signatures.ReplaceAllString(urls.ReplaceAllString(err.Error(), "$1/…"), "sig…")
	return c
}
