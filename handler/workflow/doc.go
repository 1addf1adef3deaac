// Package workflow runs the steps of a request: load, decide, commit, act.
//
// People's steps (create, link, submit, review, cancel, revoke, retry) load the
// request, decide by the rules of package airlock, and commit the new state
// with its audit records and outgoing events in one write. The system's steps
// (advance.go) never believe the event that woke them: they load the request
// and do what its state calls for. Every step may run twice, stop at any line,
// or never be called: the reconciler calls it again.
package workflow
