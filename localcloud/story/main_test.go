package story_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

// shared is the local cloud that all stories are played in. Stories that don't disturb others run in parallel; those
// that change shared things (a policy of the workspace genomics, the events) run before, one by one.
var shared *story.Cloud

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	storytest.SideBySide(3)
	return storytest.Run(m, nil, func(c *story.Cloud) error {
		shared = c
		return prepare(c)
	})
}

// prepare allows many files a request in genomics, and makes imaging's scan gate give up after a minute, the shortest
// deadline there is.
func prepare(c *story.Cloud) error {
	_, many := c.ChangePolicy(context.Background(), "genomics", func(policy map[string]any) {
		story.Member(policy, "files")["maxFiles"] = 500
	})
	_, soon := c.ChangePolicy(context.Background(), "imaging", func(policy map[string]any) {
		scanning := story.Member(policy, "malwareScanning")
		scanning["verdictDeadlineMinutes"], scanning["maxRescans"] = 1, 0
	})
	return errors.Join(many, soon)
}

// play plays a story; its course is in the test's log.
func play(t *testing.T, s func(p *story.Play)) { t.Helper(); playIn(t, "genomics", 30*time.Second, s) }

func playIn(t *testing.T, workspace string, within time.Duration, s func(p *story.Play)) {
	t.Helper()
	err := shared.Run(t.Context(), story.Story{Name: t.Name(), Play: s}, story.Options{Workspace: workspace, Within: within, Tell: func(l story.Line) {
		t.Logf("%+6.2fs  %-21s %-12s %s", l.At.Seconds(), l.Status, l.Who+":", l.What)
	}})
	require.NoError(t, err)
}
