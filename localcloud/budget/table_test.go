package budget

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// comparison is the time of an operation through the API beside that of its storage calls, made by the peer and without
// a handler.
type comparison struct {
	what                   string
	requests               int // in the workspace
	samples                int
	api, peer, bare, api95 time.Duration
}

func (c comparison) ratio() float64 { return float64(c.api) / float64(c.peer) }

// The measurements, in their order.
var (
	comparisons []comparison
	notes       []string
)

// keep has the table show a comparison. A benchmark is run several times, of which the last one counts.
func (c comparison) keep() {
	for i, old := range comparisons {
		if old.what == c.what && old.requests == c.requests {
			comparisons[i] = c
			return
		}
	}
	comparisons = append(comparisons, c)
}

// printComparisons prints the table of docs/PERFORMANCE.md.
func printComparisons(to io.Writer) {
	defer func() {
		for _, line := range notes {
			fmt.Fprintln(to, "-", line)
		}
	}()
	if len(comparisons) == 0 {
		return
	}
	fmt.Fprint(to, "\n| operation | requests in the workspace | API p50 | API p95 | bare handler p50 | ratio | bare storage calls p50 | samples |\n|---|---:|---:|---:|---:|---:|---:|---:|\n")
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
	for _, c := range comparisons {
		fmt.Fprintf(to, "| %s | %d | %s | %s | %s | %.2f | %s | %d |\n", c.what, c.requests, ms(c.api), ms(c.api95), ms(c.peer), c.ratio(), ms(c.bare), c.samples)
	}
}

// note adds a line below the table. A line about the same takes the place of an earlier one.
func note(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	about, _, _ := strings.Cut(line, ",")
	about, _, _ = strings.Cut(about, ":")
	notes = slices.DeleteFunc(notes, func(old string) bool { return strings.HasPrefix(old, about) })
	notes = append(notes, line)
}
