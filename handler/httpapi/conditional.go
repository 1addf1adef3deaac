package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// conditional holds back a successful answer of a route that polling clients ask, tags it
// by its bytes and leaves it out if the client has it already. The tag covers all that the
// caller gets: which actions they may take, what is overdue, how many approvals the policy
// asks for now change without the request. Other answers pass as they come.
type conditional struct {
	http.ResponseWriter
	asked  *http.Request
	call   *call
	status int
	body   []byte
}

func (c *conditional) WriteHeader(status int) {
	c.status = status
	if !c.held() {
		c.ResponseWriter.WriteHeader(status)
	}
}

func (c *conditional) Write(b []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	if !c.held() {
		return c.ResponseWriter.Write(b)
	}
	c.body = append(c.body, b...)
	return len(b), nil
}

func (c *conditional) held() bool { return c.call.tagged && c.status == http.StatusOK }

// Unwrap lets net/http reach deadlines.
func (c *conditional) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// finish sends the held-back answer.
func (c *conditional) finish() {
	if !c.held() {
		return
	}
	sum := sha256.Sum256(c.body)
	h := c.Header()
	tag := strings.Trim(h.Get("ETag"), `"`)
	if tag != "" {
		tag += tagSeparator
	}
	tag += hex.EncodeToString(sum[:4])
	h.Set("ETag", quotedTag(tag))
	if knows(c.asked.Header.Values("If-None-Match"), tag) {
		h.Del("Content-Type")
		c.ResponseWriter.WriteHeader(http.StatusNotModified)
		return
	}
	c.ResponseWriter.WriteHeader(http.StatusOK)
	_, _ = c.ResponseWriter.Write(c.body) // the client has gone
}

// tagSeparator stands between a request's _etag and what covers the answer. No _etag has
// one in it.
const tagSeparator = "."

// knows reports whether an If-None-Match header names a tag (RFC 9110 §13.1.2).
func knows(header []string, tag string) bool {
	for _, named := range strings.Split(strings.Join(header, ","), ",") {
		named = strings.TrimSpace(named)
		if named == "*" || strings.TrimPrefix(named, "W/") == quotedTag(tag) {
			return true
		}
	}
	return false
}

// notModified describes a route whose answers are tagged.
func notModified(op *huma.Operation) {
	op.Parameters = append(op.Parameters, &huma.Param{Name: "If-None-Match", In: "header", Schema: &huma.Schema{Type: huma.TypeString},
		Description: "The ETag of an answer that the client has: if it would get the same one, it gets 304 without it. The tag covers the whole answer, which changes for one caller and not for another."})
	op.Responses["304"] = &huma.Response{Description: "Not Modified: the answer is the one that If-None-Match names",
		Headers: map[string]*huma.Param{"ETag": {Schema: &huma.Schema{Type: huma.TypeString}}}}
}
