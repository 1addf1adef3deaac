// Package cli tests the command line airlock as people use it: a created process, its exit code and what it prints,
// against a local cloud. All tests share one cloud.
package cli
