package front

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
)

// maxBatch is Azure's limit for a table transaction.
const maxBatch = 4 << 20

var batchLine = regexp.MustCompile(`(?m)^(GET|POST|PUT|PATCH|MERGE|DELETE) https://[a-z0-9]+\.table\.core\.windows\.net/(\S*)`)

// rewriteBatch makes the request lines inside a table transaction path-style, as Azurite finds the table's name there.
// It returns the first line's target, the table or a row of it.
func (f *Front) rewriteBatch(r *http.Request, q *request) (first string, err error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBatch+1))
	if err != nil {
		return "", fmt.Errorf("read transaction: %w", err)
	}
	if len(body) > maxBatch {
		return "", errors.New("transaction larger than 4 MiB")
	}
	if m := batchLine.FindSubmatch(body); m != nil {
		if first, err = url.PathUnescape(string(m[2])); err != nil {
			first = string(m[2])
		}
	}
	body = batchLine.ReplaceAll(body, []byte("$1 "+f.config.Backend.Table.String()+"/"+q.account+"/$2"))
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return first, nil
}
