package main

import (
	"context"

	"github.com/spf13/cobra"
)

// editOptions are the flags of edit.
type editOptions struct {
	title, reason, reasonFile string
	answers                   []string
}

func (a *app) editCommand() *cobra.Command {
	var o editOptions
	c := &cobra.Command{
		Use:   "edit ID",
		Short: "Change what a draft or a returned request says",
		Long: `Change the title, the reason or the answers to the workspace's questions, while the request
is a draft or was returned to you. Answers that you do not name stay as they are.`,
		Example: `  airlock edit @last --title "Blood counts, rounded"
  airlock edit @last --answer context="Table 2 of the paper" --answer smallestCount=12`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error { return a.edit(c.Context(), args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.title, "title", "", "another title")
	f.StringVar(&o.reason, "reason", "", "another reason")
	f.StringVarP(&o.reasonFile, "reason-file", "F", "", "file with the reason; - reads stdin")
	f.StringArrayVar(&o.answers, "answer", nil, "NAME=ANSWER to a question of the workspace (may be repeated)")
	return c
}

func (a *app) edit(ctx context.Context, id string, o editOptions) error {
	reason, err := a.textOf(o.reason, o.reasonFile)
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
	body := map[string]any{}
	if o.title != "" {
		body["title"] = o.title
	}
	if reason != "" {
		body["businessJustification"] = reason
	}
	if len(o.answers) > 0 {
		given, err := a.answers(ctx, r.Workspace, seen.Request.Type, o.answers)
		if err != nil {
			return err
		}
		all := map[string]any{}
		for name, answer := range seen.Request.Answers {
			all[name] = answer
		}
		for name, answer := range given {
			all[name] = answer
		}
		body["answers"] = all
	}
	if len(body) == 0 {
		return wrongUsage("what is to change? Add --title, --reason or --answer")
	}
	e, err := a.api.Edit(ctx, r, body, seen.Request.ETag)
	if err != nil {
		return err
	}
	return a.show(a.envelopeResult(e))
}
