package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.org/airlock/client"
	"example.org/airlock/handler/airlock"
)

// waitOptions are the flags of commands that wait.
type waitOptions struct {
	status  string // "": do not wait
	timeout time.Duration
}

// settled is the wait that ends when people or nobody have the request.
const settled = "settled"

func (o *waitOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.status, "wait", "", "wait until people have to act, or with --wait=STATUS for that status")
	f.Lookup("wait").NoOptDefVal = settled
	f.DurationVar(&o.timeout, "timeout", 30*time.Minute, "wait no longer than this (exit code 8)")
}

func (o waitOptions) check() error {
	if o.status != "" && o.status != settled && !airlock.Status(o.status).Valid() {
		return wrongUsage("--wait=%s: there are %s", o.status, strings.Join(statuses(), ", "))
	}
	return nil
}

func (a *app) submitCommand() *cobra.Command {
	var o waitOptions
	c := &cobra.Command{
		Use:   "submit ID",
		Short: "Submit a draft: its files are frozen and go to review",
		Long: `Submit a draft. From then on its files cannot be changed: they are copied, scanned, and an
airlock manager decides. Submitting again does no harm: with --wait it waits for what was
submitted before.`,
		Example: `  airlock submit @last
  airlock submit @last --wait
  airlock submit @last --wait=approved --timeout 48h && airlock download @last released/`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			r, err := a.requestOf(c.Context(), args[0])
			if err != nil {
				return err
			}
			e, err := a.submit(c.Context(), r)
			if problem, ok := errors.AsType[*client.Problem](err); ok && problem.Code == client.CodeWrongStatus && o.status != "" {
				e, _, err = a.api.Get(c.Context(), r, "") // it has gone on since it was submitted
			}
			if err == nil && o.status != "" {
				e, err = a.await(c.Context(), r, e, o)
			}
			if err != nil {
				return err
			}
			return a.show(a.envelopeResult(e))
		},
	}
	o.flags(c.Flags())
	return c
}

// submit submits a request and, if rules are broken, names the files that break them.
func (a *app) submit(ctx context.Context, r client.Ref) (client.Envelope, error) {
	e, err := a.api.Act(ctx, r, "submit", nil, "")
	problem, ok := errors.AsType[*client.Problem](err)
	if !ok || problem.Code != client.CodePolicy {
		if err == nil {
			a.say("%s: %s", r.Request, words(e.Request.Status))
		}
		return e, err
	}
	if files, errFiles := a.api.Files(ctx, r); errFiles == nil {
		problem.Violations = named(problem.Violations, files)
	}
	problem.Detail = "the request was not submitted: the workspace's rules are violated, see above. Mend that and submit again"
	if slices.ContainsFunc(problem.Violations, func(v client.Violation) bool { return strings.HasPrefix(v.Rule, "answer_") }) {
		problem.Detail += ". Answers are given with `airlock edit @last --answer NAME=ANSWER`; `airlock workspace show` lists the questions"
	}
	return e, problem
}

// await waits for a request to get where it was hoped to get, and says what happens on
// the way.
func (a *app) await(ctx context.Context, r client.Ref, e client.Envelope, o waitOptions) (client.Envelope, error) {
	if err := o.check(); err != nil {
		return e, err
	}
	limited, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	e, err := a.follow(limited, r, e, func(e client.Envelope) bool { return o.over(e.Request.Status) })
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return e, fail(exitPending, "%s is still %s after %s; `airlock watch %s` goes on waiting", r.Request, words(e.Request.Status), span(o.timeout), r.Request)
	}
	if err == nil && !o.hoped(e.Request.Status) {
		if errShow := a.show(a.envelopeResult(e)); errShow != nil {
			return e, errShow
		}
		return e, fail(exitOtherEnd, "%s: %s", r.Request, statusLine(e.Request))
	}
	return e, err
}

// over reports whether there is nothing more to wait for.
func (o waitOptions) over(status string) bool {
	s := airlock.Status(status)
	if o.status == settled {
		return !s.Moving()
	}
	return status == o.status || s.Final() || o.passed(s)
}

// passed reports that a request is beyond the review that was waited for.
func (o waitOptions) passed(s airlock.Status) bool {
	return o.status == string(airlock.InReview) && (s == airlock.ApprovalInProgress || s == airlock.Approved)
}

func (o waitOptions) hoped(status string) bool {
	s := airlock.Status(status)
	if o.status == settled {
		return slices.Contains([]airlock.Status{airlock.InReview, airlock.Approved, airlock.Draft}, s)
	}
	return status == o.status || o.passed(s)
}

// follow looks at a request until it is over, and says every change. An outage of the
// service is waited out for two minutes.
func (a *app) follow(ctx context.Context, r client.Ref, e client.Envelope, over func(client.Envelope) bool) (client.Envelope, error) {
	const outage = 2 * time.Minute
	good := time.Now()
	for n := 0; !over(e); n++ {
		if err := pauseFor(ctx, pollFor(n, !airlock.Status(e.Request.Status).Moving())); err != nil {
			return e, err
		}
		next, unchanged, err := a.api.Get(ctx, r, e.Tag)
		switch {
		case err != nil && ctx.Err() == nil && codeOf(err) == exitUnavailable && time.Since(good) < outage:
			continue
		case err != nil:
			return e, err
		}
		good = time.Now()
		if unchanged {
			continue
		}
		if next.Request.Status != e.Request.Status {
			n = -1
			a.sayWhere(next)
		}
		e = next
	}
	return e, nil
}

// sayWhere says where a request stands, who has it and what comes next.
func (a *app) sayWhere(e client.Envelope) {
	line := e.Request.ID + ": " + statusLine(e.Request)
	if e.Request.Next != "" {
		line += ". " + e.Request.Next
	}
	a.say("%s", line)
}

func pauseFor(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (a *app) watchCommand() *cobra.Command {
	timeout := time.Duration(0)
	c := &cobra.Command{
		Use:   "watch ID...",
		Short: "Follow requests until they have ended",
		Long:  "Follow requests, and say every change, until they are approved, rejected, cancelled or have\nended otherwise. Ctrl+C stops watching and changes nothing.",
		Example: `  airlock watch @last
  airlock watch 3f2a91 b17c02 --timeout 8h`,
		Args: cobra.MinimumNArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error { return a.watch(c.Context(), args, timeout) },
	}
	c.Flags().DurationVar(&timeout, "timeout", 0, "wait no longer than this (exit code 8)")
	return c
}

func (a *app) watch(ctx context.Context, ids []string, timeout time.Duration) error {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if timeout > 0 {
		limited, cancel = context.WithTimeout(ctx, timeout)
	}
	defer cancel()
	var all result
	all.list = len(ids) > 1
	for _, id := range ids {
		r, err := a.requestOf(ctx, id) // the time is for waiting: the status is read at least once, even with no time left
		if err != nil {
			return err
		}
		e, _, err := a.api.Get(ctx, r, "")
		if err != nil {
			return err
		}
		a.sayWhere(e)
		e, err = a.follow(limited, r, e, func(e client.Envelope) bool { return airlock.Status(e.Request.Status).Final() })
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return fail(exitPending, "%s is still %s", r.Request, words(e.Request.Status))
		}
		if err != nil {
			return err
		}
		one := a.envelopeResult(e)
		all.objects, all.ids, all.text = append(all.objects, one.objects...), append(all.ids, one.ids...), all.text+one.text
	}
	return a.show(all)
}
