// Package client speaks the airlock's API. It knows no terminal and no file: what it
// returns is the API's answer, decoded and as it was sent.
package client
