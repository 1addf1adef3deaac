package chaos

import (
	"context"
	"time"
)

// Run does all the chaos that the options ask for. The error means that chaos itself failed; its findings are in the
// results.
func Run(ctx context.Context, o Options) (results []Result, err error) {
	for _, one := range []struct {
		name   string
		wanted bool
		run    func(context.Context) (Result, error)
	}{
		{"tampering", o.Tamper, o.tamper},
		{"darkness", o.Dark, o.dark},
		{"bombs", o.Bombs == "all" || o.Bombs == "few", o.bombs},
		{"insiders", o.Insiders > 0, o.insiders},
		{"storm", o.Storm && o.Requests > 0, o.storm},
		{"crash", o.Crash != "none", o.crash},
	} {
		if !one.wanted || o.late() {
			continue
		}
		o.say("%s begins", one.name)
		began := time.Now()
		r, err := one.run(ctx)
		r.Took = time.Since(began)
		results = append(results, r)
		if err != nil {
			return results, err
		}
		for _, f := range r.Findings {
			o.say("%s: %s (request %s, %s, %s)", one.name, f.What, f.Case.ID, f.Case.Story, f.Case.Where)
		}
		o.say("%s is over after %v, %d findings", one.name, r.Took.Round(time.Second), len(r.Findings))
	}
	return results, ctx.Err()
}
