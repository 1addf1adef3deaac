// Package identity turns a bearer token into a principal.
//
// It works in two steps, so that strangers learn nothing. Verify asks whether
// the token is genuine: signed by our issuer, in time, and somebody's. Only then
// may anything be looked up, and the token be held against the audience of what
// was found (Token.Workspace, Token.Core).
package identity
