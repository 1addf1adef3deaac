//go:build race

package storytest

const raceEnabled = true
