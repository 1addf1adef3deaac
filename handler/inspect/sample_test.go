package inspect_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// What is beyond the limit is looked at in samples: people in it are found, with places that lead to them, and again at the
// same places when somebody looks again.
func TestBeyondTheLimitSamplesAreLookedAt(t *testing.T) {
	var b strings.Builder
	b.WriteString("region,patients,contact\n")
	for b.Len() < 4<<20 {
		contact := "none"
		if b.Len() > 1<<20 {
			contact = fmt.Sprintf("ann.lee%d"+"@gmail.com", b.Len())
		}
		fmt.Fprintf(&b, "North,%d,%s\n", 1000+b.Len()%5, contact)
	}
	content := []byte(b.String())
	limits := inspect.DefaultLimits().UpTo(300_000)
	look := func(content []byte, late func() bool) inspect.Report {
		f := inspect.NewFile("a.csv", int64(len(content)), limits)
		for done := false; !done; {
			var err error
			done, err = f.Step(source(content), late)
			require.NoError(t, err)
		}
		require.True(t, f.Report().Plausible())
		return f.Report()
	}
	r := look(content, func() bool { return false })
	found := map[string]inspect.Finding{}
	for _, f := range r.Findings {
		found[f.Rule] = f
	}
	require.Positive(t, found["uncheckable.size"].Facts["samples"])
	require.Contains(t, found, "pii.email")
	for _, at := range found["pii.email"].Places {
		require.Zero(t, at.Line)
		require.Contains(t, string(content[at.Offset:at.Offset+at.Length]), "@")
	}
	again, err := json.Marshal(look(content, func() bool { return true }))
	require.NoError(t, err)
	whole, err := json.Marshal(r)
	require.NoError(t, err)
	require.Equal(t, string(whole), string(again))
	require.NotContains(t, rulesOf(look([]byte(strings.ReplaceAll(b.String(), "@", "x")), func() bool { return false })), "pii.email")
}

// countingRows counts what is read of a file without end.
type countingRows struct {
	endlessRows
	reads *int
}

func (c countingRows) ReadAt(b []byte, offset int64) (int, error) {
	*c.reads++
	return c.endlessRows.ReadAt(b, offset)
}

func TestSamplesOfALargeFileAreFew(t *testing.T) {
	reads := 0
	src := countingRows{endlessRows{[]byte("North,1200,some words\n"), 500 << 20}, &reads} // 10 GiB
	f := inspect.NewFile("a.csv", src.Size(), inspect.DefaultLimits().UpTo(4<<20))
	done, err := f.Step(inspect.Cached(src), func() bool { return false })
	require.NoError(t, err)
	require.True(t, done)
	require.LessOrEqual(t, reads, 75, "four for the beginning and the key, and one for each sample")
	require.Contains(t, rulesOf(f.Report()), "uncheckable.size")
}
