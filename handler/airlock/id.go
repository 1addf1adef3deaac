package airlock

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// RequestID names one request: a lower-case UUID. It is also the name of the
// request's container in every stage account, so a text from outside becomes one by
// ParseRequestID only.
type RequestID string

// WorkspaceID names one workspace: a lower-case UUID.
type WorkspaceID string

// UserID is the object id (`oid`) of a person or application in the directory.
type UserID string

// Version is the store's mark of a row as it was read. It is opaque: only a
// store makes one, everyone else hands it back unchanged.
type Version string

// ParseRequestID accepts a UUID in its hyphenated form, in any letter case, and
// returns it in lower case. It returns ErrBadID for anything else.
func ParseRequestID(s string) (RequestID, error) {
	u, err := parseUUID(s)
	return RequestID(u), err
}

// ParseWorkspaceID is ParseRequestID for workspaces.
func ParseWorkspaceID(s string) (WorkspaceID, error) {
	u, err := parseUUID(s)
	return WorkspaceID(u), err
}

func parseUUID(s string) (string, error) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return "", ErrBadID
	}
	s = strings.ToLower(s)
	if _, err := hex.DecodeString(strings.ReplaceAll(s, "-", "")); err != nil || strings.Count(s, "-") != 4 {
		return "", ErrBadID
	}
	return s, nil
}

// IdempotentRequestID derives the id of a request from the Idempotency-Key a
// caller sent with it, so that repeating the call finds the request it made the
// first time. Workspace and caller are part of the derivation: one person's key
// can never name another person's request.
func IdempotentRequestID(ws WorkspaceID, by UserID, key string) RequestID {
	sum := sha256.Sum256([]byte("airlock-request\x00" + string(ws) + "\x00" + string(by) + "\x00" + key))
	// Clients of the existing contract insist on version 4 and the RFC variant.
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80
	return RequestID(fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]))
}
