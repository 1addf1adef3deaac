// Command handler is the Azure Functions custom handler of the airlock: one
// process that serves the HTTP API, the Event Grid triggers, the dead-letter
// blob trigger and the reconciler timer.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Set by the linker (make build, make package).
var (
	version = "dev"
	commit  = "unknown"
	date    = "unknown"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Environ(), os.Stdout, nil)
	stop()
	// To stdout: the host takes every line of stderr for an error of its own.
	fmt.Println("airlock: stopped:", redacted(fmt.Sprint(err)))
	// Never 0: the host would keep calling a handler that is not there any more
	// (azure-functions-host, WorkerProcess.OnProcessExited).
	os.Exit(1)
}
