package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"

	"example.org/airlock/localcloud/cloud"
)

// examine has the production binary examine the local cloud: `handler doctor` with the settings of the running handler.
// Settings given as NAME=value stand over those, to see what is wrong with them.
func examine(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set, dir := flags("doctor", stderr)
	if err := set.Parse(args); err != nil {
		return err
	}
	env, err := cloud.HandlerEnvironment(*dir)
	if err != nil {
		return fmt.Errorf("no local cloud in %s: %w", *dir, err)
	}
	root, err := repository()
	if err != nil {
		return err
	}
	doctor := exec.CommandContext(ctx, filepath.Join(root, "build", "handler"), "doctor")
	doctor.Env, doctor.Stdout, doctor.Stderr = slices.Concat(env, set.Args()), stdout, stderr
	return doctor.Run()
}
