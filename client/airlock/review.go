package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.org/airlock/client"
	"example.org/airlock/handler/airlock"
)

// reviewOptions are the flags of review.
type reviewOptions struct {
	approve, reject, changes bool
	reason, reasonFile       string
	files                    []string
	acks                     []string
	yes                      bool
}

func (a *app) reviewCommand() *cobra.Command {
	var o reviewOptions
	c := &cobra.Command{
		Use:   "review ID",
		Short: "Decide on a request: approve, reject, or send it back",
		Long: `Decide on a request that waits for a review. Without a decision the request is shown and you
are asked. Look at the files first: 'airlock download ID DIR' gets them for a reviewer,
imports from the review network, exports on a machine of the workspace.

Every decision needs a reason, which the requestor reads and which goes on record. A decision
is about the request as it was shown: if it changed meanwhile, nothing is decided (exit code 9).`,
		Example: `  airlock review @last
  airlock review 3f2a91 --approve --reason "Aggregates only, no cell below 10"
  airlock review 3f2a91 --reject -F why.txt
  airlock review 3f2a91 --request-changes --reason "Round the counts" --file table1.csv=change`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error { return a.review(c.Context(), args[0], o) },
	}
	f := c.Flags()
	f.BoolVar(&o.approve, "approve", false, "let the files through")
	f.BoolVar(&o.reject, "reject", false, "end the request; its files are kept apart and then deleted")
	f.BoolVar(&o.changes, "request-changes", false, "send it back to be mended and submitted again")
	f.StringVar(&o.reason, "reason", "", "why")
	f.StringVarP(&o.reasonFile, "reason-file", "F", "", "file with the reason; - reads stdin")
	f.StringArrayVar(&o.files, "file", nil, "decide on one file: NAME=fine, NAME=change or NAME=withhold, and maybe :COMMENT (may be repeated)")
	f.StringArrayVar(&o.acks, "ack", nil, "acknowledge a group of findings: GROUP=REASON, see 'airlock findings' (may be repeated)")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	c.MarkFlagsMutuallyExclusive("approve", "reject", "request-changes")
	return c
}

// newReview is the body of a review call.
type newReview struct {
	Decision    string       `json:"decision"`
	Explanation string       `json:"decisionExplanation"`
	Files       []fileReview `json:"files,omitempty"`

	Acknowledgements []acknowledgement `json:"acknowledgements,omitempty"`
}

type fileReview struct {
	Name     string `json:"name"`
	Decision string `json:"decision"`
	Comment  string `json:"comment,omitempty"`
}

func (o reviewOptions) decision() string {
	switch {
	case o.approve:
		return "approve"
	case o.reject:
		return "reject"
	case o.changes:
		return "request_changes"
	}
	return ""
}

func (a *app) review(ctx context.Context, id string, o reviewOptions) error {
	files, err := fileReviews(o.files)
	if err != nil {
		return err
	}
	r, err := a.requestOf(ctx, id)
	if err != nil {
		return err
	}
	seen, _, err := a.api.Get(ctx, r, "")
	if err != nil {
		return err
	}
	if a.interactive() && !o.yes {
		fmt.Fprint(a.stderr, a.fitting(a.stderr, a.describe(seen)+"\n", factsIndent))
		if err := reviewable(seen); err != nil { // before anybody thinks of a reason
			return err
		}
	}
	in := newReview{Decision: o.decision(), Files: files}
	if in.Decision == "" {
		if in.Decision, err = a.askDecision(); err != nil {
			return err
		}
	}
	if in.Acknowledgements, err = a.acknowledgements(ctx, r, o.acks); err != nil {
		return err
	}
	if in.Explanation, err = a.textOf(o.reason, o.reasonFile); err != nil {
		return err
	}
	if in.Explanation == "" {
		if in.Explanation, err = a.ask("Why?", "--reason REASON"); err != nil {
			return err
		}
	}
	if err := a.confirm(o.yes, question(in.Decision, seen.Request, a.known.name(r.Workspace))); err != nil {
		return err
	}
	e, err := a.api.Act(ctx, r, "review", in, seen.Request.ETag)
	if err != nil {
		return meanwhile(err, seen, "review")
	}
	a.sayWhere(e)
	return a.show(a.envelopeResult(e))
}

// reviewable says why a request is not for the caller to decide on now.
func reviewable(e client.Envelope) error {
	switch {
	case slices.Contains(e.Actions, "review"):
		return nil
	case e.Request.Status != string(airlock.InReview):
		return fail(exitChanged, "there is nothing to decide now: the request is %s", words(e.Request.Status))
	}
	return fail(exitForbidden, "this request is not for you to decide on: you made it, have decided already, or are no airlock manager of the workspace")
}

// meanwhile tells an action that came too late from one that was never possible: it was
// when the request was looked at.
func meanwhile(err error, seen client.Envelope, action string) error {
	problem, ok := errors.AsType[*client.Problem](err)
	if !ok || problem.Code != client.CodeWrongStatus || !slices.Contains(seen.Actions, action) {
		return err
	}
	return fail(exitChanged, "somebody was faster: the request has changed since it was shown, and nothing was done. Look at it again with `airlock show`")
}

func (a *app) askDecision() (string, error) {
	answer, err := a.ask("Approve, reject, or request changes? [a/r/c]", "--approve, --reject or --request-changes")
	if err != nil {
		return "", err
	}
	decision, ok := map[string]string{"a": "approve", "approve": "approve", "r": "reject", "reject": "reject", "c": "request_changes", "changes": "request_changes"}[strings.ToLower(answer)]
	if !ok {
		return "", fail(exitFailed, "nothing was decided")
	}
	return decision, nil
}

// question repeats the decision to be made.
func question(decision string, r client.Request, workspace string) string {
	var bytes int64
	for _, f := range r.Files {
		bytes += f.Size
	}
	verb := map[string]string{"approve": "Approve", "reject": "Reject", "request_changes": "Send back"}[decision]
	way := map[string]string{"import": "into", "export": "out of"}[r.Type]
	return fmt.Sprintf("%s “%s” %s %s: %s, %s, of %s?", verb, oneLine(r.Title), way, oneLine(workspace), fileCount(len(r.Files)), size(bytes), oneLine(r.CreatedBy.Name))
}

// fileReviews reads NAME=DECISION[:COMMENT]. Names may have an equals sign in them.
func fileReviews(texts []string) ([]fileReview, error) {
	var all []fileReview
	for _, text := range texts {
		found := false
		for _, decision := range []string{"fine", "change", "withhold"} {
			name, rest, ok := cutLast(text, "="+decision)
			if ok && name != "" && (rest == "" || rest[0] == ':') {
				all, found = append(all, fileReview{name, decision, strings.TrimPrefix(rest, ":")}), true
				break
			}
		}
		if !found {
			return nil, wrongUsage("--file %s: write NAME=fine, NAME=change or NAME=withhold, and maybe :COMMENT", text)
		}
	}
	return all, nil
}

func cutLast(text, at string) (before, after string, found bool) {
	i := strings.LastIndex(text, at)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(at):], true
}
