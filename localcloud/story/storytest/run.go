package storytest

import (
	"context"
	"errors"
	"fmt"
	"os"

	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/story"
)

// Run starts a local cloud for a test program, as Start does, gives it to prepare, runs all tests and stops the cloud.
// It returns the program's exit code. The cloud's files stay when that is not 0.
func Run(tests interface{ Run() int }, change func(*cloud.Options), prepare func(*story.Cloud) error) (code int) {
	c, stop, err := Start(context.Background(), change)
	defer func() { _ = Remove() }() // a directory among the temporary ones
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code = 1
	if err = prepare(c); err == nil {
		code = tests.Run()
	}
	if err = errors.Join(err, stop(code != 0)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if code != 0 {
		fmt.Fprintln(os.Stderr, "files and logs of the local cloud are left in", c.Dir)
	}
	return code
}
