package workflow

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/inspect"
	"example.org/airlock/handler/inspect/sandbox"
)

// inHand is an export at its content gate, with the progress that a process has left.
func inHand(t *testing.T, left progress) *testBed {
	t.Helper()
	b := exporting(t, judged("review"), texts{"counts.csv": smallCells})
	r := b.only()
	left.Digest = r.ContentDigest()
	body, err := json.Marshal(left)
	require.NoError(t, err)
	b.config.Progress.(*memoryProgress).items = map[string]string{fmt.Sprintf("%s/1/content.json", r.ID): string(body)}
	return b
}

// rulesFound are the rules by which a gate has found something.
func (b *testBed) rulesFound(t *testing.T, r airlock.Request) (rules []string) {
	t.Helper()
	require.NotNil(t, r.Gates[0].Report)
	found, err := b.readFindings(t.Context(), r.Gates[0])
	require.NoError(t, err)
	for _, f := range found.Files {
		for _, one := range f.Findings {
			rules = append(rules, one.Rule)
		}
	}
	return rules
}

// Deliveries are doubled and reach several instances. A file that others are looking at right now has killed nobody; one
// whose steps have not ended in all the time that a step has is given up after the third.
func TestAStepElsewhereIsNoDeath(t *testing.T) {
	for name, c := range map[string]struct {
		left progress
		dies int
		want string
	}{
		"three at it now":             {progress{Tries: 3, Began: noon.Add(-10 * time.Second)}, 0, "sdc.small_count"},
		"three long ago":              {progress{Tries: 3, Began: noon.Add(-stepLimit)}, 0, "uncheckable.corrupt"},
		"two died, and this one":      {progress{Tries: 2}, 1, "uncheckable.corrupt"},
		"two died, and this one ends": {progress{Tries: 2}, 0, "sdc.small_count"},
		"one elsewhere, two here":     {progress{Tries: 1, Began: noon.Add(-time.Second)}, 2, "sdc.small_count"},
	} {
		t.Run(name, func(t *testing.T) {
			b := inHand(t, c.left)
			b.config.Inspector = inProcessInspector{died: func(string) error {
				if c.dies--; c.dies >= 0 {
					return fmt.Errorf("%w: killed", sandbox.ErrDied)
				}
				return nil
			}}
			r := b.passing(t)
			require.Equal(t, airlock.InReview, r.Status)
			assert.Contains(t, b.rulesFound(t, r), c.want)
		})
	}
}

// A progress that somebody else has written could say that the files were looked at, and hold nothing.
func TestAForgedProgressCountsForNothing(t *testing.T) {
	b := inHand(t, progress{File: 1, Reports: []airlock.FileReport{{Report: inspect.Report{Type: "csv"}}}})
	b.config.Progress.(*memoryProgress).forged = true
	r := b.passing(t)
	require.Equal(t, airlock.InReview, r.Status)
	assert.Contains(t, b.rulesFound(t, r), "sdc.small_count")
	assert.Contains(t, b.logs.text.String(), "state_damaged")
}
