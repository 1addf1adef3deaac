package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cli/browser"
	"github.com/spf13/cobra"

	"example.org/airlock/client"
)

func (a *app) showCommand() *cobra.Command {
	web := false
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Show a request: status, files, decisions, what is next",
		Long:  "Show a request: where it stands, who has it, its files with their checksums, what was decided, and what you can do now.",
		Example: `  airlock show @last
  airlock show 3f2a91
  airlock show @last -o json --jq .airlockRequest.status`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error {
			r, err := a.requestOf(c.Context(), args[0])
			if err != nil {
				return err
			}
			if web {
				return a.openPage(r)
			}
			e, _, err := a.api.Get(c.Context(), r, "")
			if err != nil {
				return err
			}
			return a.show(a.envelopeResult(e))
		},
	}
	c.Flags().BoolVar(&web, "web", false, "open the request's page in the browser")
	return c
}

func (a *app) openPage(r client.Ref) error {
	page := a.api.URL() + "/ui#/workspaces/" + r.Workspace + "/requests/" + r.Request
	if err := browser.OpenURL(page); err != nil {
		return fmt.Errorf("no browser opens here; the page is %s", page)
	}
	return nil
}

// describe shows a request to people.
func (a *app) describe(e client.Envelope) string {
	r := e.Request
	var f facts
	f.add("Title", r.Title)
	f.add("Request", r.ID)
	f.add("What", r.Type+" "+map[string]string{"import": "into", "export": "out of"}[r.Type]+" "+a.known.name(r.WorkspaceID))
	f.add("From", fmt.Sprintf("%s, %s", first(r.CreatedBy.Name, r.CreatedBy.ID), moment(r.CreatedWhen.Time)))
	f.add("Why", r.Justification)
	f.add("Status", statusLine(r))
	f.add("Next", r.Next)
	if !r.Due.IsZero() {
		f.add("Due", moment(r.Due.Time)+map[bool]string{true: " (overdue)"}[r.Overdue])
	}
	if r.Failure != nil {
		f.add("Failed", r.Failure.Cause+" ("+r.Failure.Code+")")
	}
	if r.Turn > 1 {
		f.add("Turn", fmt.Sprint(r.Turn))
	}
	f.add("Answers", answerLines(r.Answers))
	if r.Claim != nil {
		f.add("Claimed", fmt.Sprintf("by %s until %s", first(r.Claim.By.Name, r.Claim.By.ID), moment(r.Claim.Until.Time)))
	}
	f.add("Files", fileLines(r))
	f.add("Decisions", reviewLines(r.Reviews))
	if !r.DataDeleted.IsZero() {
		f.add("Data", "deleted "+moment(r.DataDeleted.Time))
	}
	f.add("You can", strings.Join(e.Actions, ", "))
	return f.b.String()
}

func statusLine(r client.Request) string {
	line := words(r.Status)
	if r.StatusMessage != "" {
		line += ": " + r.StatusMessage
	}
	return line
}

func fileLines(r client.Request) string {
	var b strings.Builder
	for _, file := range r.Files {
		fmt.Fprintf(&b, "%s  %s", oneLine(file.Name), size(file.Size))
		if file.Verdict != nil {
			fmt.Fprintf(&b, "  %s", strings.TrimSpace(oneLine(strings.ReplaceAll(file.Verdict.Outcome, "_", " ")+" "+strings.Join(file.Verdict.Malware, " "))))
		}
		if file.Supporting {
			b.WriteString("  supporting, never released")
		}
		if file.Withheld {
			b.WriteString("  withheld")
		}
		if file.Change != "" {
			fmt.Fprintf(&b, "  %s", strings.TrimSpace(oneLine(file.Change+" "+file.From)))
		}
		if file.SHA256 != "" {
			fmt.Fprintf(&b, "  sha256 %s", file.SHA256)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func answerLines(answers map[string]any) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		fmt.Fprintf(&b, "%s: %s\n", oneLine(name), oneLine(fmt.Sprint(answers[name])))
	}
	return b.String()
}

func reviewLines(all []client.Review) string {
	var b strings.Builder
	for _, review := range all {
		fmt.Fprintf(&b, "%s by %s, %s: %s\n", strings.ReplaceAll(review.Decision, "_", " "), oneLine(review.Reviewer.Name), moment(review.When.Time), oneLine(review.Explanation))
		for _, f := range review.Files {
			fmt.Fprintf(&b, "  %s: %s\n", oneLine(f.Name), strings.TrimSuffix(f.Decision+": "+oneLine(f.Comment), ": "))
		}
	}
	return b.String()
}

func (a *app) linkCommand() *cobra.Command {
	file := ""
	c := &cobra.Command{
		Use:   "link ID",
		Short: "Print a link to a request's files, for other tools",
		Long: `Print a signed link to a request's files, for AzCopy, Storage Explorer or curl. Whoever has
the link has the access, until it ends; that you got it is on record. upload and download
need no link.`,
		Example: `  azcopy copy data.csv "$(airlock link @last)"
  airlock link @last -o json`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error { return a.link(c.Context(), args[0], file) },
	}
	c.Flags().StringVar(&file, "file", "", "to this file alone")
	return c
}

func (a *app) link(ctx context.Context, id, file string) error {
	r, err := a.requestOf(ctx, id)
	if err != nil {
		return err
	}
	l, err := a.api.Link(ctx, r, file)
	if err != nil {
		return err
	}
	a.say("The link lets you %s until %s. Give it to nobody.", l.Permission, moment(l.Expires))
	return a.show(result{objects: []json.RawMessage{l.Raw}, ids: []string{r.Request}, text: l.URL + "\n"})
}
