package chaos

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"

	"example.org/airlock/localcloud/fault"
	"example.org/airlock/localcloud/grid"
	"example.org/airlock/localcloud/story"
)

// dark plays stories while Event Grid is down from the beginning to the end: nothing can be published and nothing is
// delivered. Every request must come to its end all the same, and once Event Grid is back every event must be told.
// Scanning is off: a verdict is an event, too.
func (o Options) dark(ctx context.Context) (r Result, err error) {
	r.Name = "darkness"
	c, stop, err := o.open(ctx, "darkness", 1, Hasty())
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	for _, workspace := range []string{playedIn, gatedTwice} {
		_, err = c.ChangePolicy(ctx, workspace, func(policy map[string]any) { story.Member(policy, "malwareScanning")["enabled"] = false })
		if err != nil {
			return r, err
		}
	}
	if err := Prepare(ctx, c); err != nil {
		return r, err
	}
	down := url.Values{"op": {"Publish"}, "by": {fault.Program}, "do": {"503"}, "n": {"1000000"}}
	if err := errors.Join(c.Break(ctx, down), c.BreakEvents(ctx, grid.Faults{Drop: 1})); err != nil {
		return r, err
	}
	book := &book{}
	var playing sync.WaitGroup
	for _, s := range slices.DeleteFunc(slices.Clone(scenarios), func(s scenario) bool { return s.scanned || s.slow }) {
		playing.Go(func() {
			one, _ := s.run(ctx, c, []story.File{story.Noise("a.csv", 1000, o.Seed)}, "darkness: no event from the beginning to the end",
				story.Options{Within: crashLimit, Patient: true}) // an error is in the book
			book.add(one)
		})
	}
	playing.Wait()
	after := context.WithoutCancel(ctx)
	calls, err := c.Calls(after)
	if err != nil {
		return r, err
	}
	for _, call := range calls {
		if call.Fault != "" {
			r.Faults++
		}
	}
	r.Requests = len(book.all())
	if err := errors.Join(c.Mend(after), c.BreakEvents(after, grid.Faults{})); err != nil {
		return r, err
	}
	return r, r.hold(after, c, book.all(), crashLimit)
}
