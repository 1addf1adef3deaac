package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/airlock/client"
	"example.org/airlock/client/signin"
	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/wording"
)

// listOptions are the flags of list.
type listOptions struct {
	review, all           bool
	status                []string
	direction             string
	heldBy, words         string
	since, updated        string
	limit                 int
	createdAfter, changed time.Time // as since and updated say; zero: whenever
}

// holders are who can have to act on a request.
var holders = wording.Holders()

func (a *app) listCommand() *cobra.Command {
	var o listOptions
	c := &cobra.Command{
		Use:   "list",
		Short: "List your requests, those to review, or all of a workspace",
		Long: `List your requests of all workspaces, the newest first. With -w only those of that workspace.
--review lists what waits for a review in the workspaces that you review in. --all lists
everything in a workspace that you may see.`,
		Example: `  airlock list
  airlock list --review
  airlock list --held-by requestor
  airlock list --all -w genomics --status approved --status rejected --since 30d
  airlock list --all --query "blood counts" --updated-since 2026-10-01
  airlock list -o json --jq '.[] | select(.status == "draft") | .id'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.list(c.Context(), o) },
	}
	f := c.Flags()
	f.BoolVar(&o.review, "review", false, "requests that wait for a review, in the workspaces you review in")
	f.BoolVar(&o.all, "all", false, "all requests of the workspace")
	f.StringSliceVar(&o.status, "status", nil, "only these statuses (repeat it, or separate by commas)")
	f.StringVar(&o.direction, "type", "", "import or export")
	f.StringVar(&o.heldBy, "held-by", "", "who has to act: "+strings.Join(holders, ", "))
	f.StringVarP(&o.words, "query", "q", "", "these words in the title or the requestor's name")
	f.StringVar(&o.since, "since", "", "created within this time, e.g. 7d or 12h, or since a day, e.g. 2026-11-30")
	f.StringVar(&o.updated, "updated-since", "", "changed within this time or since that day")
	f.IntVar(&o.limit, "limit", 50, "at most so many; 0 for all")
	c.MarkFlagsMutuallyExclusive("review", "all")
	_ = c.RegisterFlagCompletionFunc("status", cobra.FixedCompletions(statuses(), cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("held-by", cobra.FixedCompletions(holders, cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("type", cobra.FixedCompletions([]string{"import", "export"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func statuses() []string {
	var all []string
	for _, s := range airlock.Statuses() {
		all = append(all, string(s))
	}
	return all
}

func (a *app) list(ctx context.Context, o listOptions) error {
	if _, err := a.connect(); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	q, err := a.query(ctx, o)
	if err != nil {
		return err
	}
	found, err := a.api.List(ctx, q)
	if err != nil {
		return err
	}
	a.remember(found)
	found = slices.DeleteFunc(found, func(l client.Listed) bool {
		r := l.Request
		return r.CreatedWhen.Before(o.createdAfter) ||
			a.flags.workspace != "" && !o.all && q.Workspace == "" && r.WorkspaceID != a.place.Workspace
	})
	if o.limit > 0 && len(found) > o.limit {
		a.say("The newest %d are shown; --limit 0 shows all.", o.limit)
		found = found[:o.limit]
	}
	if len(found) == 0 {
		a.say("%s", o.nothing())
	}
	res := a.listed(found)
	if !o.review && !o.all { // all of one requestor
		res.table.optional = []int{5, 4, 2, 6}
	}
	return a.show(res)
}

// check refuses filters that no request can match, and reads the times.
func (o *listOptions) check() (err error) {
	for _, s := range o.status {
		if !airlock.Status(s).Valid() {
			return wrongUsage("--status %s: there are %s", s, strings.Join(statuses(), ", "))
		}
	}
	if o.direction != "" && o.direction != "import" && o.direction != "export" {
		return wrongUsage("--type is import or export, not %q", o.direction)
	}
	if o.heldBy != "" && !slices.Contains(holders, o.heldBy) {
		return wrongUsage("--held-by %s: there are %s", o.heldBy, strings.Join(holders, ", "))
	}
	if o.limit < 0 {
		return wrongUsage("--limit cannot be less than 0")
	}
	if o.createdAfter, err = since(o.since); err == nil {
		o.changed, err = since(o.updated)
	}
	return err
}

// since reads a day (2026-11-30), or a time that has passed since: 90m, 12h, 7d or 2w.
func since(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, time.Local); err == nil {
		return day, nil
	}
	d, err := duration(text)
	return time.Now().Add(-d), err
}

// duration reads 90m, 12h, 7d or 2w.
func duration(text string) (time.Duration, error) {
	for unit, hours := range map[string]int{"d": 24, "w": 7 * 24} {
		if n, err := strconv.Atoi(strings.TrimSuffix(text, unit)); err == nil && strings.HasSuffix(text, unit) && n >= 0 && n <= 36500 {
			return time.Duration(n*hours) * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, wrongUsage("%q is no time; write 90m, 12h, 7d or 2w, or a day like 2026-11-30", text)
	}
	return d, nil
}

// query makes the query string for the service.
func (a *app) query(ctx context.Context, o listOptions) (client.Query, error) {
	q := client.Query{Review: o.review, Status: o.status, Type: o.direction, HeldBy: o.heldBy, Words: o.words, Updated: o.changed}
	if o.limit > 0 && o.since == "" { // requests created too early are dropped here
		q.Limit = o.limit + 1 // one more tells that there are more
	}
	if o.review && len(o.status) == 0 && o.heldBy == "" {
		q.Status = []string{"in_review"}
	}
	switch {
	case o.all:
		id, err := a.workspaceOf(ctx, "")
		q.Workspace = id
		return q, err
	case a.flags.workspace != "":
		id, err := a.workspaceOf(ctx, "")
		if err != nil || o.review {
			a.place.Workspace = id // to compare with
			return q, err
		}
		q.Workspace = id
		token, err := a.tokens.Token(ctx, client.Audience{Workspace: id}, false)
		q.CreatedBy = signin.Claims(token).ID
		return q, err
	}
	return q, nil
}

// narrow reports whether the flags leave anything out.
func (o listOptions) narrow() bool {
	return len(o.status) > 0 || o.since != "" || o.updated != "" || o.direction != "" || o.heldBy != "" || o.words != ""
}

func (o listOptions) nothing() string {
	switch {
	case o.review:
		return "Nothing waits for your review."
	case o.all:
		return "The workspace has no such requests that you may see."
	case o.narrow():
		return "None of your requests is like that; `airlock list` shows all of them."
	}
	return "You have no requests. `airlock new --help` shows how to make one."
}

func (a *app) listed(found []client.Listed) result {
	r := result{list: true, table: table{head: []string{"ID", "TITLE", "TYPE", "STATUS", "WORKSPACE", "FROM", "CREATED"}, elastic: 1, optional: []int{4, 2, 6}}}
	for _, l := range found {
		q := l.Request
		status := words(q.Status)
		if q.Approvals != nil && q.Approvals.Required > 1 && q.Status == "in_review" {
			status += fmt.Sprintf(", %d of %d", q.Approvals.Given, q.Approvals.Required)
		}
		r.objects, r.ids = append(r.objects, l.Raw), append(r.ids, q.ID)
		id, created := q.ID, moment(q.CreatedWhen.Time)
		if isTerminal(a.stdout) {
			id, created = id[:min(8, len(id))], lately(q.CreatedWhen.Time)
		}
		r.table.add(id, q.Title, q.Type, status, a.known.name(q.WorkspaceID), q.CreatedBy.Name, created)
	}
	return r
}

// completeWorkspaces and the following offer live values; where the service cannot be
// asked, nothing.
func (a *app) completeWorkspaces(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if ctx, cancel, ok := a.complete(c); ok {
		defer cancel()
		if all, err := a.api.Workspaces(ctx); err == nil {
			a.known.setWorkspaces(all)
		}
		for _, w := range a.known.Workspaces {
			names = append(names, w.Name+"\t"+w.ID)
		}
		a.known.write()
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeRequests offers requests for the first argument and files for the others.
func (a *app) completeRequests(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	offers := []string{"@last\tthe request used last"}
	if ctx, cancel, ok := a.complete(c); ok {
		defer cancel()
		for _, q := range []client.Query{{}, {Review: true, Status: []string{"in_review"}}} {
			found, err := a.api.List(ctx, q)
			if err != nil {
				break
			}
			a.remember(found)
			for _, l := range found[:min(len(found), 50)] {
				offers = append(offers, l.Request.ID+"\t"+oneLine(l.Request.Title)+" ("+words(l.Request.Status)+")")
			}
		}
		a.known.write()
	}
	return offers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// complete connects for a completion, which nobody waits for long.
func (a *app) complete(c *cobra.Command) (context.Context, context.CancelFunc, bool) {
	if a.prepare(c, nil) != nil {
		return nil, nil, false
	}
	if _, err := a.connect(); err != nil {
		return nil, nil, false
	}
	ctx, cancel := context.WithTimeout(c.Context(), 3*time.Second)
	return ctx, cancel, true
}

// envelopeResult is one request in all forms.
func (a *app) envelopeResult(e client.Envelope) result {
	return result{objects: []json.RawMessage{e.Raw}, ids: []string{e.Request.ID}, text: a.describe(e)}
}
