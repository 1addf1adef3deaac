package main

import (
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manCommand is for packagers of the program; `make cli` calls it.
func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use: "man DIR", Short: "Write the manual pages to a folder", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			day, err := time.Parse(time.RFC3339, date)
			if err != nil {
				day = time.Unix(0, 0)
			}
			c.Root().DisableAutoGenTag = true
			return errors.Join(os.MkdirAll(args[0], 0o750), doc.GenManTree(c.Root(), &doc.GenManHeader{Section: "1", Source: "airlock " + version, Manual: "Airlock", Date: &day}, args[0]))
		},
	}
}
