package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"example.org/airlock/handler/inspect"
	"example.org/airlock/handler/inspect/sandbox"
)

// inspector runs inspections in child processes of this program, one at a time: the
// instance has room for one.
type inspector struct {
	runner sandbox.Runner
	turn   chan struct{}
}

func newInspector() (*inspector, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program, to run it as a child: %w", err)
	}
	return &inspector{runner: sandbox.Runner{Program: program}, turn: make(chan struct{}, 1)}, nil
}

// Step waits for its turn within the time that it has.
func (i *inspector) Step(ctx context.Context, f sandbox.File, kept []byte, src inspect.Source, within time.Duration) (sandbox.Outcome, error) {
	until := time.Now().Add(within)
	select {
	case i.turn <- struct{}{}:
	case <-time.After(within):
		return sandbox.Outcome{Kept: kept}, nil // nothing was done, and nothing went wrong
	case <-ctx.Done():
		return sandbox.Outcome{}, ctx.Err()
	}
	defer func() { <-i.turn }()
	return i.runner.Step(ctx, f, kept, src, max(time.Until(until), time.Millisecond))
}
