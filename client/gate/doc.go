// Package gate is the frame of an external gate: it takes the events that ask for work,
// reads the task by the airlock's API, downloads the files and makes sure of their bytes,
// has an engine judge them, and puts the verdict.
//
// An event is a hint. It names a request and a gate; everything else is read from the API
// at the address that the gate was given, never from one in an event. A verdict names the
// digest of the task that its files were downloaded for: a verdict on bytes that changed meanwhile is refused
// by the service, and judged anew.
package gate
