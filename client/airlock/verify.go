package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
)

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify FOLDER|ARCHIVE.zip --keys FILE... [--files DIR]",
		Short: "Check the exported evidence of a release, with airlock-verify",
		Long: `Check the exported evidence of a release with the independent program airlock-verify, which
shares no code with the airlock or with this program. It has to lie beside this program or on
the PATH. All arguments are its own; 'airlock-verify --help' explains them.`,
		Example: `  airlock api GET /workspaces/{workspace}/requests/ID/evidence > evidence.zip
  airlock api GET /receipt-keys > receipt-keys.json
  airlock verify evidence.zip --keys receipt-keys.json --files released/`,
		DisableFlagParsing: true,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 || args[0] == "--help" || args[0] == "-h" {
				return c.Help()
			}
			program, err := verifier()
			if err != nil {
				return err
			}
			run := exec.CommandContext(c.Context(), program, args...)
			run.Stdin, run.Stdout, run.Stderr = os.Stdin, a.stdout, a.stderr
			err = run.Run()
			ended, ok := errors.AsType[*exec.ExitError](err)
			switch {
			case err == nil:
				return nil
			case ok && ended.ExitCode() == 1:
				return &exitError{exitUnverified, errSaid}
			case ok && ended.ExitCode() == 2:
				return &exitError{exitUsage, errSaid}
			}
			return fmt.Errorf("airlock-verify could not be run: %w", err)
		},
	}
}

// verifier finds the independent program, beside this one first.
func verifier() (string, error) {
	name := "airlock-verify"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if _, err := os.Stat(beside); err == nil {
			return beside, nil
		}
	}
	found, err := exec.LookPath(name)
	if err != nil {
		return "", fail(exitFailed, "airlock-verify is neither beside this program nor on the PATH; get it from where you got this one")
	}
	return found, nil
}
