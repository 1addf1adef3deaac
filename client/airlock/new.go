package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"example.org/airlock/client"
)

// newOptions are the flags of new.
type newOptions struct {
	title, reason, reasonFile, replaces string
	answers                             []string
	submit                              bool
	upload                              uploadOptions
	wait                                waitOptions
}

func (a *app) newCommand() *cobra.Command {
	var o newOptions
	c := &cobra.Command{
		Use:   "new import|export [PATH...]",
		Short: "Open a request, and maybe upload files and submit it at once",
		Long: `Open a request: an import brings files into a workspace, an export brings them out of it.
With PATHs the files are uploaded, with --submit the request is submitted, with --wait the
command waits until people have to act.

Files of an export are uploaded from a machine of the workspace, files of an import from
outside of it. The workspace's rules ('airlock workspace show') are checked before
anything is sent.`,
		Example: `  airlock new import -w genomics --title "Reference panel" --reason "Needed for the analysis" panel.vcf.gz --submit --wait
  airlock new export --title "Blood counts" -F why.txt results/
  id=$(airlock new export --title "Nightly" --reason "Dashboard" out/*.csv --submit -o id)`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeDirection,
		RunE:              func(c *cobra.Command, args []string) error { return a.new(c.Context(), args[0], args[1:], o) },
	}
	f := c.Flags()
	f.StringVar(&o.title, "title", "", "a short title, for the list")
	f.StringVar(&o.reason, "reason", "", "why the data has to move; the reviewers read it")
	f.StringVar(&o.reason, "justification", "", "the same")
	f.StringVarP(&o.reasonFile, "reason-file", "F", "", "file with the reason; - reads stdin")
	f.StringVar(&o.replaces, "replaces", "", "an ended request of yours that this one replaces")
	f.StringArrayVar(&o.answers, "answer", nil, "NAME=ANSWER to a question of the workspace (may be repeated)")
	f.BoolVar(&o.submit, "submit", false, "submit it when the files are uploaded")
	_ = f.MarkHidden("justification") // AzureTRE's program calls it so
	o.upload.flags(f)
	o.wait.flags(f)
	return c
}

func completeDirection(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return []string{"import\tinto the workspace", "export\tout of the workspace"}, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) new(ctx context.Context, direction string, paths []string, o newOptions) error {
	if direction != "import" && direction != "export" {
		return wrongUsage("a request is an import or an export, not %q", direction)
	}
	if err := o.wait.check(); err != nil {
		return err
	}
	if o.wait.status != "" && !o.submit {
		return wrongUsage("--wait waits for what comes after --submit; add it")
	}
	if _, err := a.connect(); err != nil {
		return err
	}
	workspace, err := a.workspaceOf(ctx, "")
	if err != nil {
		return err
	}
	in, err := a.newRequest(ctx, workspace, direction, o)
	if err != nil {
		return err
	}
	var set sending
	if len(paths) > 0 {
		if set, err = a.sending(ctx, workspace, direction, paths, nil); err != nil {
			return err
		}
	}
	e, err := a.api.Create(ctx, workspace, in, newKey())
	if err != nil {
		return err
	}
	r := client.Ref{Workspace: workspace, Request: e.Request.ID}
	a.known.used(r)
	a.say("Opened %s.", r.Request)
	e, err = a.fill(ctx, r, e, set, o)
	if err != nil {
		if !errors.Is(err, context.Canceled) && !errors.Is(err, errSaid) {
			a.say("The request %s is there; go on with it, or cancel it with `airlock cancel @last`.", r.Request)
		}
		return err
	}
	if len(paths) == 0 {
		a.say("Next: `airlock upload @last PATH...`, then `airlock submit @last`.")
	}
	return a.show(a.envelopeResult(e))
}

// newRequest assembles the body of a create call.
func (a *app) newRequest(ctx context.Context, workspace, direction string, o newOptions) (client.NewRequest, error) {
	in := client.NewRequest{Type: direction, Title: o.title}
	var err error
	if in.Justification, err = a.textOf(o.reason, o.reasonFile); err != nil {
		return in, err
	}
	if in.Title == "" {
		if in.Title, err = a.ask("Title:", "--title TITLE"); err != nil {
			return in, err
		}
	}
	if in.Justification == "" {
		if in.Justification, err = a.ask("Why does the data have to move?", "--reason REASON"); err != nil {
			return in, err
		}
	}
	if len(o.answers) > 0 {
		if in.Answers, err = a.answers(ctx, workspace, direction, o.answers); err != nil {
			return in, err
		}
	}
	if in.Answers, err = a.askRest(ctx, workspace, direction, in.Answers); err != nil {
		return in, err
	}
	if o.replaces != "" {
		old, err := a.find(ctx, o.replaces)
		if err != nil {
			return in, err
		}
		in.Replaces = old.Request
	}
	return in, nil
}

// fill uploads, submits and waits, as far as was asked for.
func (a *app) fill(ctx context.Context, r client.Ref, e client.Envelope, set sending, o newOptions) (client.Envelope, error) {
	if len(set.files) > 0 {
		if _, err := a.send(ctx, r, set, o.upload); err != nil {
			return e, err
		}
	}
	if !o.submit {
		return e, nil
	}
	e, err := a.submit(ctx, r)
	if err != nil || o.wait.status == "" {
		return e, err
	}
	return a.await(ctx, r, e, o.wait)
}

// newKey makes an Idempotency-Key.
func newKey() string { return rand.Text() }

func (a *app) cancelCommand() *cobra.Command {
	yes := false
	c := &cobra.Command{
		Use:   "cancel ID",
		Short: "Cancel a request: its files are deleted",
		Long:  "Cancel a request that is a draft, in review, returned or failed. Its files are deleted; the record of it stays.",
		Example: `  airlock cancel @last
  airlock cancel 3f2a91 --yes`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error {
			return a.act(c.Context(), args[0], "cancel", "Cancel “%s” and delete its files?", yes, nil)
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (a *app) retryCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "retry ID",
		Short:   "Run the step again in which a request failed",
		Long:    "Run the step again in which a request failed, once its cause is mended. `airlock show` tells the cause.",
		Example: "  airlock retry @last",
		Args:    cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error {
			return a.act(c.Context(), args[0], "retry", "", true, nil)
		},
	}
}

// withReason is a command that ends something and says why.
func (a *app) withReason(use, short, long, action, question string) *cobra.Command {
	var reason, file string
	yes := false
	c := &cobra.Command{
		Use: use + " ID", Short: short, Long: long,
		Example: fmt.Sprintf("  airlock %s @last --reason \"The data must not be used\"", use),
		Args:    cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error {
			text, err := a.textOf(reason, file)
			if err == nil && text == "" {
				text, err = a.ask("Why?", "--reason REASON")
			}
			if err != nil {
				return err
			}
			return a.act(c.Context(), args[0], action, question, yes, map[string]string{"reason": text})
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why; it goes on record")
	c.Flags().StringVarP(&file, "reason-file", "F", "", "file with the reason; - reads stdin")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (a *app) revokeCommand() *cobra.Command {
	return a.withReason("revoke", "Withdraw an approval: the released data is deleted",
		"Withdraw an approval. The released data is deleted where the airlock put it; copies that\nwere downloaded are not.", "revoke", "Revoke “%s” and delete the released data?")
}

func (a *app) giveUpCommand() *cobra.Command {
	return a.withReason("give-up", "End a request that the airlock cannot finish, as failed",
		"End a request that has hung in a moving status, as failed. Then it can be retried or cancelled.", "give-up", "Give up “%s”?")
}

// act does something to a request, at the version that was shown in the question.
func (a *app) act(ctx context.Context, id, action, question string, yes bool, body any) error {
	r, err := a.requestOf(ctx, id)
	if err != nil {
		return err
	}
	var seen client.Envelope
	if question != "" {
		if seen, _, err = a.api.Get(ctx, r, ""); err != nil {
			return err
		}
		if err := a.confirm(yes, fmt.Sprintf(question, oneLine(seen.Request.Title))); err != nil {
			return err
		}
	}
	e, err := a.api.Act(ctx, r, action, body, seen.Request.ETag)
	if err != nil {
		return meanwhile(err, seen, action)
	}
	a.say("%s: %s", r.Request, words(e.Request.Status))
	return a.show(a.envelopeResult(e))
}

// pollFor is how long to wait before looking again, the nth time in one status.
func pollFor(n int, byPeople bool) time.Duration {
	most := 15 * time.Second
	if byPeople {
		most = 30 * time.Second
	}
	d := time.Second / 2
	for range n {
		if d = d * 3 / 2; d >= most {
			return most
		}
	}
	return d
}
