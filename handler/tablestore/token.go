package tablestore

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"example.org/airlock/handler/airlock"
)

const (
	maxToken  = 4096
	tokenSeal = 12 // bytes
)

// tokenText is strict: one token has one spelling.
var tokenText = base64.RawURLEncoding.Strict()

// writeToken packs where a page ended into a text that fits into an address.
// Its checksum binds it to the listing it belongs to. It is no protection
// against a forger and needs none: a token only moves the start within the rows
// that the filter selects anyway.
func writeToken(q airlock.Query, at cursor) string {
	if at.end() {
		return ""
	}
	where, err := json.Marshal(at)
	if err != nil {
		panic(err) // two strings
	}
	return tokenText.EncodeToString(append(sealToken(q, where), where...))
}

// readToken returns airlock.ErrBadToken for a token that is damaged or of
// another listing. The limit may differ from page to page.
func readToken(q airlock.Query) (cursor, error) {
	if q.Token == "" {
		return cursor{}, nil
	}
	b, err := tokenText.DecodeString(q.Token)
	if err != nil || len(q.Token) > maxToken || len(b) < tokenSeal || !bytes.Equal(b[:tokenSeal], sealToken(q, b[tokenSeal:])) {
		return cursor{}, airlock.ErrBadToken
	}
	var at cursor
	if decode(string(b[tokenSeal:]), &at) != nil || at.end() {
		return cursor{}, airlock.ErrBadToken
	}
	return at, nil
}

// statuses are the query's, joined.
func statuses(q airlock.Query) string {
	var all []string
	for _, s := range q.Statuses {
		all = append(all, string(s))
	}
	return strings.Join(all, ",")
}

func sealToken(q airlock.Query, where []byte) []byte {
	listing := []string{"airlock-page/1", string(q.Workspace), string(q.CreatedBy), statuses(q), string(q.Type), string(where)}
	sum := sha256.Sum256([]byte(strings.Join(listing, "\x00")))
	return sum[:tokenSeal]
}
