package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/story"
)

// demo starts a local cloud of its own, plays the stories a newcomer should see, and removes everything again. It fails
// if a story does not hold.
func demo(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set, dir := flags("demo", stderr)
	set.Lookup("dir").Usage = "where the state goes and stays (default: a temporary directory, removed at the end)"
	set.Lookup("dir").DefValue = ""
	*dir = ""
	root := set.String("root", "", "repository with host.json, functions and build (default: the one this program was built in)")
	if err := parse(set, args); err != nil {
		return err
	}
	o, clean, err := ownCloud(*root, *dir)
	if err != nil {
		return err
	}
	defer clean()
	began := time.Now()
	fmt.Fprintln(stdout, "Starting a local cloud: storage, events, identities, malware scan, mail, and the airlock's handler.")
	var progress strings.Builder
	o.Progress = &progress
	c, stop, err := story.Start(ctx, o)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, progress.String())
	}
	fmt.Fprintf(stdout, "Ready after %.1f s; the API is %s.\n", time.Since(began).Seconds(), c.API)
	held, stories := 0, story.Demo()
	printer := story.NewPrinter(stdout, terminal(stdout))
	for i, s := range stories {
		printer.Title(i+1, s.Name)
		err := c.Run(ctx, s, story.Options{Tell: printer.Line})
		printer.End(err)
		if err == nil {
			held++
		}
	}
	fmt.Fprintln(stdout, "\nThe doctor examines the deployment (build/handler doctor):")
	unwell := examined(ctx, o.Dir, stdout)
	err = errors.Join(unwell, stop())
	fmt.Fprintf(stdout, "\n%d of %d stories held, %.1f s in all.\n", held, len(stories), time.Since(began).Seconds())
	if held < len(stories) {
		err = errors.Join(fmt.Errorf("%d of %d stories did not hold", len(stories)-held, len(stories)), err)
	}
	return err
}

// examined prints what the doctor has to complain of, and how many checks it made.
func examined(ctx context.Context, dir string, stdout io.Writer) error {
	var report strings.Builder
	err := examine(ctx, []string{"--dir", dir}, &report, &report)
	checks := 0
	for line := range strings.Lines(report.String()) {
		checks++
		if !strings.HasPrefix(line, "ok ") {
			fmt.Fprint(stdout, "  ", line)
		}
	}
	if err != nil {
		return fmt.Errorf("the doctor: %w", err)
	}
	fmt.Fprintf(stdout, "  %d checks, nothing is wrong.\n", checks)
	return nil
}

// ownCloud are the options of a cloud on free ports in dir, or in a temporary directory that clean removes.
func ownCloud(root, dir string) (o cloud.Options, clean func(), err error) {
	if root == "" {
		if root, err = repository(); err != nil {
			return o, nil, err
		}
	}
	clean = func() {}
	if dir == "" {
		if dir, err = os.MkdirTemp("", "airlock-"); err != nil {
			return o, nil, err
		}
		clean = func() { _ = os.RemoveAll(dir) }
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return o, nil, err
	}
	return cloud.Options{Root: root, Dir: dir, Progress: io.Discard}, clean, nil
}

// terminal reports whether w is a terminal that wants colours (no-color.org).
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
