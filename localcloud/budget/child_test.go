package budget

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

// With these in its environment the test binary is a local cloud.
const (
	childDir        = "AIRLOCK_BUDGET_CLOUD"
	childRoot       = "AIRLOCK_BUDGET_ROOT"
	childBackground = "AIRLOCK_BUDGET_BACKGROUND"
)

const (
	startLimit = 2 * time.Minute
	stopLimit  = time.Minute
)

// serve runs the local cloud until it is interrupted, or its parent is gone.
func serve(dir, root, background string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1)) // a pipe that nobody writes to: it ends with the parent
		stop()
	}()
	repository, err := storytest.Repository()
	if err == nil {
		o := cloud.Options{Root: root, Install: filepath.Join(repository, "build", "azurite"), Dir: dir, Progress: os.Stderr,
			Settings: map[string]string{"ReconcileSchedule": "0 0 0 1 1 *", "AIRLOCK_BACKGROUND": background}}
		err = cloud.Run(ctx, o, func(cloud.Endpoints) {})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// start starts the local cloud; stop ends it. background is the setting by which the instance that made a decision goes
// on from it.
func start(background string) (c *story.Cloud, stop func() error, err error) {
	root, err := storytest.Root()
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "airlock-budget-")
	if err != nil {
		return nil, nil, err
	}
	progress, err := os.Create(filepath.Join(dir, "progress.log"))
	if err != nil {
		return nil, nil, err
	}
	defer progress.Close()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir, childRoot+"="+root, childBackground+"="+background)
	child.Stdout, child.Stderr = progress, progress
	if _, err := child.StdinPipe(); err != nil {
		return nil, nil, err
	}
	if err := child.Start(); err != nil {
		return nil, nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	stop = func() error {
		_ = child.Process.Signal(syscall.SIGINT)
		select {
		case err := <-ended:
			return err
		case <-time.After(stopLimit):
			return fmt.Errorf("the local cloud does not end: %w", child.Process.Kill())
		}
	}
	for until := time.Now().Add(startLimit); ; time.Sleep(20 * time.Millisecond) {
		if c, err = story.Open(dir); err == nil {
			return c, stop, nil
		}
		select {
		case <-ended:
			return nil, nil, fmt.Errorf("the local cloud ended before it was ready; its files are in %s", dir)
		default:
		}
		if time.Now().After(until) {
			return nil, nil, fmt.Errorf("the local cloud did not get ready; its files are in %s: %w", dir, stop())
		}
	}
}
