//go:build race

package sandbox

// The race detector keeps several bytes of its own for each one of the program's.
const heapLimit = 8 * 160 << 20
