// Package client speaks the airlock's API. It knows no terminal and no file: what it
// returns is what the API said, decoded and as it was sent.
package client
