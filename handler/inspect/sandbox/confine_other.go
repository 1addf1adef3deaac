//go:build !linux

package sandbox

// Confine does nothing: the service runs on Linux, and other systems are for
// development.
func Confine() error { return nil }
