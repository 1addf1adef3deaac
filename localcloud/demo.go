package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
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
	// Some stories move several files at once, which takes more than the default.
	if _, err := c.ChangePolicy(ctx, defaultWorkspace, func(policy map[string]any) { story.Member(policy, "files")["maxFiles"] = 20 }); err != nil {
		return errors.Join(err, stop())
	}
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
	walked := walkThrough(ctx, *root, c.Endpoints, o.Dir, stdout)
	fmt.Fprintln(stdout, "\nThe doctor examines the deployment (build/handler doctor):")
	unwell := examined(ctx, o.Dir, stdout)
	err = errors.Join(walked, unwell, stop())
	fmt.Fprintf(stdout, "\n%d of %d stories held, %.1f s in all.\n", held, len(stories), time.Since(began).Seconds())
	if held < len(stories) {
		err = errors.Join(fmt.Errorf("%d of %d stories did not hold", len(stories)-held, len(stories)), err)
	}
	return err
}

// walkThrough plays the README's walk with the command line itself, in a folder and with a home of its own.
func walkThrough(ctx context.Context, root string, e cloud.Endpoints, dir string, stdout io.Writer) error {
	if root == "" {
		var err error
		if root, err = repository(); err != nil {
			return err
		}
	}
	build, err := filepath.Abs(filepath.Join(root, "build"))
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(build, "airlock")); err != nil {
		return fmt.Errorf("the command line is not built; `make build` builds it: %w", err)
	}
	home, err := os.MkdirTemp("", "airlock-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	if err := os.Symlink(build, filepath.Join(home, "build")); err != nil {
		return err
	}
	fmt.Fprint(stdout, "\nA story with the command line itself:\n\n")
	// -v shows each line before it is run.
	shell := exec.CommandContext(ctx, "bash", "-v", "-e", "/dev/stdin")
	walk, _, _ := strings.Cut(walkthroughScript, "build/localcloud mail") // the stories before have filled that
	shell.Stdin = strings.NewReader(forCloud(walk, e, dir))
	shell.Dir, shell.Stdout, shell.Stderr = home, stdout, stdout
	shell.Env = append(os.Environ(), "XDG_CONFIG_HOME="+filepath.Join(home, "config"), "XDG_STATE_HOME="+filepath.Join(home, "state"))
	if err := shell.Run(); err != nil {
		return fmt.Errorf("the story with the command line did not hold: %w", err)
	}
	return nil
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
