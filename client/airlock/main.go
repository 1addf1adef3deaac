// Command airlock brings data into and out of the workspaces of a Trusted Research
// Environment: it opens requests, uploads, submits, reviews and downloads, from a
// terminal or a script. `airlock --help` is where to begin.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Set by the linker (make build).
var (
	version = "dev"
	commit  = "unknown"
	date    = "unknown"
)

func main() { os.Exit(exitCode()) }

func exitCode() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := newApp(os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	return a.run(ctx, os.Args[1:])
}
