//go:build !linux

package sandbox

const dataLimit = 160 << 20

// Confine does nothing: the service runs on Linux, and other systems are for
// development.
func Confine() error { return nil }
