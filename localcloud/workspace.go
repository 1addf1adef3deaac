package main

import (
	"context"
	"fmt"
	"io"

	"example.org/airlock/localcloud/identity"
)

// workspaceID prints the id of a workspace.
func workspaceID(_ context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		return fmt.Errorf("which workspace? genomics or imaging")
	}
	set, _ := flags("workspace", stderr)
	if err := parse(set, args[1:]); err != nil {
		return err
	}
	for _, w := range identity.Workspaces() {
		if w.Name == args[0] {
			fmt.Fprintln(stdout, w.ID)
			return nil
		}
	}
	return fmt.Errorf("no workspace %q: genomics or imaging", args[0])
}
