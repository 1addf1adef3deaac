package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.org/airlock/localcloud/cloud"
)

// up runs a local cloud until ctx ends. Once it is usable, stdout gets its one line; everything else goes to stderr.
func up(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set, dir := flags("up", stderr)
	port := set.Int("api-port", 7071, "port of the API; 0 takes a free one")
	scan := set.String("scan", "", "switch malware scanning of all workspaces on or off (default: leave it; on at first)")
	compact := set.String("compact", "", "who gets the compact layout of storage accounts in a new cloud: core, workspaces, separated by commas")
	instances := set.Int("instances", 1, "instances of the Functions host, each with its own handler")
	speed := set.Float64("speed", 1, "divides the waits between deliveries of an event")
	root := set.String("root", "", "repository with host.json, functions and build (default: the one this program was built in)")
	walk := set.Bool("walkthrough", false, "print a copy-and-paste walk through the API")
	if err := parse(set, args); err != nil {
		return err
	}
	if *scan != "" && *scan != "on" && *scan != "off" {
		return fmt.Errorf("--scan=%s is neither on nor off", *scan)
	}
	if *root == "" {
		found, err := repository()
		if err != nil {
			return err
		}
		*root = found
	}
	o := cloud.Options{Root: *root, Dir: *dir, APIPort: *port, Scan: *scan, Instances: *instances, Speed: *speed, Progress: stderr}
	if *compact != "" {
		o.Compact = strings.Split(*compact, ",")
	}
	return cloud.Run(ctx, o, func(e cloud.Endpoints) {
		fmt.Fprintf(stderr, "local cloud: API %s, state and addresses in %s\n", e.API, *dir)
		fmt.Fprintln(stdout, "airlock ready")
		if *walk {
			printWalkthrough(stdout, e, *dir)
		}
	})
}

// repository is the directory above build/, where this program lies, or the working directory.
func repository() (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	working, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for _, dir := range []string{filepath.Dir(filepath.Dir(program)), working} {
		if _, err := os.Stat(filepath.Join(dir, "host.json")); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no host.json beside %s or in the working directory: run build/localcloud of the repository, or give --root", filepath.Dir(program))
}
