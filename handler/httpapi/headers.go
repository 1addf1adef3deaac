package httpapi

import "strings"

const (
	maxTag = 200
	maxKey = 200
)

// ifMatch reads an If-Match header: one entity tag, with or without quotes and
// W/ (existing clients hand back `_etag` as it is), or "*". Empty means the
// client names no version.
func ifMatch(header string) (string, error) {
	tag := strings.TrimSpace(header)
	if tag == "" || tag == "*" {
		return tag, nil
	}
	tag = strings.TrimPrefix(tag, "W/")
	if opened := strings.HasPrefix(tag, `"`); opened != strings.HasSuffix(tag, `"`) || opened && len(tag) < 2 {
		return "", errMalformedTag
	} else if opened {
		tag = tag[1 : len(tag)-1]
	}
	if tag == "" || len(tag) > maxTag || strings.ContainsFunc(tag, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == ',' }) {
		return "", errMalformedTag
	}
	return tag, nil
}

// requestVersion reads an If-Match header of a request: its _etag, or the ETag of an answer
// about it, which begins with that.
func requestVersion(header string) (string, error) {
	tag, err := ifMatch(header)
	tag, _, _ = strings.Cut(tag, tagSeparator)
	return tag, err
}

var errMalformedTag = &edgeError{code: codeHeader, detail: "If-Match has to name one entity tag, or be *"}

// idempotencyKey reads an Idempotency-Key header; empty means there is none.
func idempotencyKey(header string) (string, error) {
	if len(header) > maxKey || strings.ContainsFunc(header, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
		return "", &edgeError{code: codeHeader, detail: "Idempotency-Key has to be 1 to 200 printable ASCII characters"}
	}
	return header, nil
}

// quotedTag is an entity tag as a header carries it.
func quotedTag(tag string) string { return `"` + tag + `"` }
