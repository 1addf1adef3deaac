// Command handler is the Azure Functions custom handler of the airlock: one
// process that serves the HTTP API, the Event Grid triggers, the dead-letter
// blob trigger and the reconciler timer. "handler doctor" examines the deployment
// with the same settings and prints what is wrong; it exits with 1 then. "handler
// import" takes over an export of AzureTRE's requests, and exits with 1 when a line of it
// was not imported.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"example.org/airlock/handler/inspect/sandbox"
	"example.org/airlock/handler/logging"
)

// Set by the linker (make build, make package).
var (
	version = "dev"
	commit  = "unknown"
	date    = "unknown"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == sandbox.Argument {
		if err := sandbox.Serve(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		return
	}
	// Little lives long here (some MiB). But while large files are hashed, the buffers
	// that are read ahead do, and as much again in garbage is too much: instances are
	// small.
	debug.SetMemoryLimit(40 << 20)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if len(os.Args) == 2 && os.Args[1] == "doctor" {
		err := examine(ctx, os.Environ(), os.Stdout)
		stop()
		if err != nil {
			os.Exit(1)
		}
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "import" {
		err := takeOver(ctx, os.Args[2:], os.Environ(), os.Stdout)
		stop()
		if err != nil {
			fmt.Fprintln(os.Stderr, "handler import:", logging.Redacted(err.Error()))
			os.Exit(1)
		}
		return
	}
	err := run(ctx, os.Environ(), os.Stdout, nil)
	stop()
	// To stdout: the host takes every line of stderr for an error of its own.
	fmt.Println("airlock: stopped:", logging.Redacted(fmt.Sprint(err)))
	// Never 0: the host would keep calling a handler that is not there any more
	// (azure-functions-host, WorkerProcess.OnProcessExited).
	os.Exit(1)
}
