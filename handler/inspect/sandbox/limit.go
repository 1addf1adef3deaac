//go:build !race

package sandbox

const dataLimit = 160 << 20
