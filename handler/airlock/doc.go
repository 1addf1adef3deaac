// Package airlock holds the rules of the airlock and nothing else: what a
// request is, which status follows which, who may do what, where the bytes lie
// in each status, and what a workspace's policy demands. It does no I/O, reads
// no clock and imports only the standard library.
//
// A researcher (the requestor) creates a request in draft and uploads files to
// its container. Submitting freezes the manifest. The files are copied into the
// in-progress account, pass the gates, and wait in review until airlock
// managers decide. The decision moves them to the approved, rejected or blocked
// account. Every change is one row of the transition table (transitions.go).
package airlock
