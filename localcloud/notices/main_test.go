// Package notices_test sees notifications the way they arrive: as mails of a local cloud, after real requests went
// through the real handler. Who must be told what is written down here once more, from the specification and not from
// the handler's rule table.
package notices_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := storytest.Remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

var data = []byte("sample,value\n1,2\n")

// start runs a local cloud of the test's own, with these settings of the handler over the usual ones. Its files are left
// where they are when the test fails.
func start(t *testing.T, settings map[string]string) *story.Cloud {
	t.Helper()
	c, stop, err := storytest.Start(context.Background(), func(o *cloud.Options) { o.Settings = settings })
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log("files and logs of the local cloud are left in", c.Dir)
		}
		require.NoError(t, stop(t.Failed()))
	})
	return c
}

// play plays a story in a workspace of c; its course is in the test's log.
func play(t *testing.T, c *story.Cloud, workspace string, s func(p *story.Play)) {
	t.Helper()
	within := 40 * time.Second
	err := c.Run(t.Context(), story.Story{Name: t.Name(), Play: s}, story.Options{Workspace: workspace, Within: within, Tell: func(l story.Line) {
		t.Logf("%+6.2fs  %-21s %-12s %s", l.At.Seconds(), l.Status, l.Who+":", l.What)
	}})
	require.NoError(t, err)
}

// must ends the story on an error.
func must(p *story.Play, errs ...error) {
	err := errors.Join(errs...)
	p.Holds(err == nil, "%v", err)
}
