//go:build !race

package sandbox

// heapLimit is how much memory a child may use.
const heapLimit = 160 << 20
