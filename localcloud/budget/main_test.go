package budget

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

// shared is the local cloud of all tests. It is a process of its own, as it is for everybody who measures it. Its timer
// stands still: what the log of calls shows was caused by the test.
var shared *story.Cloud

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(serve(dir, os.Getenv(childRoot), os.Getenv(childBackground)))
	}
	if root := os.Getenv(peerHost); root != "" {
		os.Exit(child(servePeerHost, root))
	}
	if settings := os.Getenv(peerHandler); settings != "" {
		os.Exit(child(servePeer, settings))
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	c, stop, err := start("true")
	defer storytest.Remove()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	shared = c
	code := m.Run()
	printComparisons(os.Stdout)
	err = end(c, stop, code)
	if byEvents.Cloud != nil {
		err = errors.Join(err, end(byEvents.Cloud, byEvents.stop, code))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	return code
}

// end stops a cloud. Where tests failed its files stay.
func end(c *story.Cloud, stop func() error, code int) error {
	err := stop()
	if code == 0 {
		return errors.Join(err, os.RemoveAll(c.Dir))
	}
	fmt.Fprintln(os.Stderr, "files and logs of a local cloud are left in", c.Dir)
	return err
}

var measurements = []byte("sample,value\n1,2\n")

// play plays a story in a workspace of the shared cloud.
func play(t testing.TB, workspace string, within time.Duration, s func(p *story.Play)) {
	t.Helper()
	require.NoError(t, shared.Run(t.Context(), story.Story{Name: t.Name(), Play: s}, story.Options{Workspace: workspace, Within: within}))
}
