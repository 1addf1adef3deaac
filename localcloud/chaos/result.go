package chaos

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"example.org/airlock/localcloud/story"
)

// Result is the result of one kind of chaos.
type Result struct {
	Name     string
	Requests int // played to their end
	Faults   int // calls and events that went wrong on purpose
	Kills    int // of a handler
	Points   int // crash points there are
	Took     time.Duration
	Findings []Finding
}

func (r *Result) add(other Result) {
	r.Requests += other.Requests
	r.Faults += other.Faults
	r.Kills += other.Kills
	r.Findings = append(r.Findings, other.Findings...)
}

// hold holds the inquest on cases and keeps its findings, with the troubles of their stories. The requests of the others were
// damaged by insiders: they may lie about as they are.
func (r *Result) hold(ctx context.Context, c *story.Cloud, cases []Case, limit time.Duration, others ...Case) error {
	found, err := Inquest(ctx, c, cases, limit, others...)
	if err != nil {
		return err
	}
	r.Findings = append(r.Findings, found...)
	for _, one := range cases {
		if one.Broken != "" {
			r.Findings = append(r.Findings, Finding{one, "stuck: its story broke: " + one.Broken})
		}
	}
	return nil
}

func (r Result) count(kind Kind) int {
	seen := map[string]bool{} // each request once
	for _, f := range r.Findings {
		if strings.HasPrefix(f.What, string(kind)+":") {
			seen[f.Case.ID+f.Case.Where] = true
		}
	}
	return len(seen)
}

// Report writes the summary and every finding.
func Report(w io.Writer, results []Result, repeat func(Finding) string) (clean bool) {
	fmt.Fprintf(w, "\n%-12s %9s %15s %6s %6s %6s %6s %9s\n", "", "requests", "faults injected", "kills", "lost", "wrong", "stuck", "time")
	clean = true
	for _, r := range results {
		fmt.Fprintf(w, "%-12s %9d %15d %6d %6d %6d %6d %9s\n", r.Name, r.Requests, r.Faults, r.Kills, r.count(Lost), r.count(Wrong), r.count(Stuck), r.Took.Round(time.Second))
		clean = clean && len(r.Findings) == 0
	}
	for _, r := range results {
		for _, f := range r.Findings {
			fmt.Fprintf(w, "\n%s: %s\n  request %s (%s), %s\n", r.Name, f.What, f.Case.ID, f.Case.Story, f.Case.Where)
			if again := repeat(f); again != "" {
				fmt.Fprintf(w, "  again: %s\n", again)
			}
		}
	}
	return clean
}
