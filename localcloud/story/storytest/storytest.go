// Package storytest starts the local clouds that tests play stories in. Their handler is the one that the setting
// AIRLOCK_TEST_HANDLER names, or is built for the test from the sources as they are.
package storytest

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"

	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/story"
)

// SideBySide sets how many tests of the calling program run at a time. Stories wait for deadlines more than for a
// processor. It is called before the tests run.
func SideBySide(n int) {
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(n)); err != nil {
		panic(err) // no test program
	}
}

// Root is a directory laid out as the repository is, with a fresh handler in it.
var Root = sync.OnceValues(buildRoot)

func buildRoot() (string, error) {
	repository, err := Repository()
	if err != nil {
		return "", err
	}
	root, err := os.MkdirTemp("", "airlock-root-")
	if err != nil {
		return "", err
	}
	for _, name := range []string{"host.json", "functions"} {
		if err := os.Symlink(filepath.Join(repository, name), filepath.Join(root, name)); err != nil {
			return "", errors.Join(err, os.RemoveAll(root))
		}
	}
	if err := putHandler(repository, filepath.Join(root, "build")); err != nil {
		return "", errors.Join(err, os.RemoveAll(root))
	}
	return root, nil
}

// handlerSetting names a handler that was built before. `make test` builds one for all packages that play stories, with
// the race detector in it: the handler is under test, and not the test that plays people.
const handlerSetting = "AIRLOCK_TEST_HANDLER"

// putHandler makes build/handler.
func putHandler(repository, build string) error {
	if err := os.Mkdir(build, 0o700); err != nil {
		return err
	}
	program := filepath.Join(build, "handler")
	if made := os.Getenv(handlerSetting); made != "" {
		if _, err := os.Stat(made); err != nil {
			return fmt.Errorf("%s: %w", handlerSetting, err)
		}
		return os.Symlink(made, program)
	}
	if err := lookAtSources(filepath.Join(repository, "handler")); err != nil {
		return err
	}
	cmd := exec.Command("go", "build", "-o", program, "./handler")
	cmd.Dir = repository
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the handler: %w\n%s", err, out)
	}
	return nil
}

// lookAtSources touches every source of the handler, so that go test knows its result depends on them: it does not see
// the files that a program reads, and would show an old result from its cache.
func lookAtSources(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			_, err = os.Stat(path)
		}
		return err
	})
}

// Remove removes Root's folder.
func Remove() error {
	root, err := Root()
	if err != nil {
		return nil
	}
	return os.RemoveAll(root)
}

// Start starts a local cloud in a temporary directory. stop ends it and removes the directory unless keep is true, for
// looking at the fault. A data race in a handler is an error of stop, and the directory stays.
func Start(ctx context.Context, change func(*cloud.Options)) (c *story.Cloud, stop func(keep bool) error, err error) {
	var o cloud.Options
	root, err := Root()
	if err != nil {
		return nil, nil, err
	}
	repository, err := Repository()
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "airlock-cloud-")
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if o.Dir != dir {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	progress := &buffer{}
	o = cloud.Options{Root: root, Install: filepath.Join(repository, "build", "azurite"), Dir: dir, Progress: progress}
	if change != nil {
		change(&o)
	}
	c, end, err := story.Start(ctx, o)
	if err != nil {
		return nil, nil, fmt.Errorf("%w\n%s\nlogs are in %s", err, progress, o.Dir)
	}
	return c, func(keep bool) error {
		err := end()
		if found := Raced(o.Dir); keep || found != nil {
			return errors.Join(err, found)
		}
		return errors.Join(err, os.RemoveAll(o.Dir))
	}, nil
}

// Repository is the directory of go.mod.
func Repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("no go.mod above the working directory")
}

// buffer takes text from several goroutines.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
