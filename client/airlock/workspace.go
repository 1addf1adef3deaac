package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"example.org/airlock/client"
	"example.org/airlock/handler/airlock"
)

func (a *app) workspaceCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "workspace",
		Short:   "List workspaces, show a workspace's rules, choose one",
		Example: "  airlock workspace list\n  airlock workspace use genomics\n  airlock workspace show",
	}
	list := &cobra.Command{Use: "list", Short: "List the workspaces", Example: "  airlock workspace list", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.listWorkspaces(c.Context()) }}
	show := &cobra.Command{Use: "show [WORKSPACE]", Short: "Show a workspace and its rules", Long: "Show a workspace and its rules: which files it takes, who must approve, how long data is kept.",
		Example: "  airlock workspace show genomics", Args: cobra.MaximumNArgs(1), ValidArgsFunction: a.completeWorkspaces,
		RunE: func(c *cobra.Command, args []string) error { return a.showWorkspace(c.Context(), args) }}
	use := &cobra.Command{Use: "use WORKSPACE", Short: "Use a workspace where none is named", Example: "  airlock workspace use genomics", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeWorkspaces,
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := a.connect(); err != nil {
				return err
			}
			id, err := a.workspaceOf(c.Context(), args[0])
			if err != nil {
				return err
			}
			a.place.Workspace = id
			a.config.put(*a.place)
			if err := a.config.write(); err != nil {
				return err
			}
			a.say("Workspace %s is used where none is named.", a.known.name(id))
			return nil
		}}
	c.AddCommand(list, show, use)
	return c
}

func (a *app) listWorkspaces(ctx context.Context) error {
	api, err := a.connect()
	if err != nil {
		return err
	}
	all, err := api.Workspaces(ctx)
	if err != nil {
		return err
	}
	a.known.setWorkspaces(all)
	r := result{list: true, table: table{head: []string{"", "NAME", "DESCRIPTION", "NEW REQUESTS", "ID"}, elastic: 2}}
	for _, w := range all {
		mark, open := "", "yes"
		if w.ID == a.place.Workspace {
			mark = "*"
		}
		if !w.Properties.Enabled {
			open = "no"
		}
		r.objects, r.ids = append(r.objects, w.Raw), append(r.ids, w.ID)
		r.table.add(mark, w.Properties.DisplayName, w.Properties.Description, open, w.ID)
	}
	return a.show(r)
}

// workspaceNamed gets a workspace, with a core token or else with one of its own.
func (a *app) workspaceNamed(ctx context.Context, name string) (client.Workspace, error) {
	id, err := a.workspaceOf(ctx, name)
	if err != nil {
		return client.Workspace{}, err
	}
	w, err := a.api.Workspace(ctx, id, client.Audience{})
	if problem, ok := errors.AsType[*client.Problem](err); ok && (problem.Status == http.StatusForbidden || problem.Status == http.StatusUnauthorized) {
		w, err = a.api.Workspace(ctx, id, client.Audience{Workspace: id})
	}
	return w, err
}

// policyOf is a workspace's policy.
func policyOf(w client.Workspace) (airlock.Policy, error) {
	var p airlock.Policy
	if err := json.Unmarshal(w.Policy, &p); err != nil {
		return p, fmt.Errorf("the policy of the workspace cannot be read: %w", err)
	}
	return p, nil
}

func (a *app) showWorkspace(ctx context.Context, args []string) error {
	if _, err := a.connect(); err != nil {
		return err
	}
	w, err := a.workspaceNamed(ctx, strings.Join(args, ""))
	if err != nil {
		return err
	}
	p, err := policyOf(w)
	if err != nil {
		return err
	}
	var f facts
	f.add("Workspace", w.Properties.DisplayName)
	f.add("About", w.Properties.Description)
	f.add("Id", w.ID)
	f.add("Requests", map[bool]string{true: "new ones may be made", false: "no new ones may be made"}[p.Enabled])
	f.add("Files", fmt.Sprintf("up to %d, each up to %s, together up to %s", p.Files.MaxFiles, size(p.Files.MaxFileBytes), size(p.Files.MaxTotalBytes)))
	f.add("Import", takes(p.Files.Import)+", "+approvals(p.Review.ImportApprovals))
	f.add("Export", takes(p.Files.Export)+", "+approvals(p.Review.ExportApprovals))
	f.add("Scan", map[bool]string{true: "files are scanned for malware", false: "files are not scanned"}[p.MalwareScanning.Enabled])
	f.add("Asks", questions("import", p)+questions("export", p))
	f.add("Keeps", fmt.Sprintf("drafts %s, approved %s, rejected %s", days(p.Retention.DraftDays), days(p.Retention.ApprovedDays), days(p.Retention.RejectedDays)))
	return a.show(result{objects: []json.RawMessage{w.Raw}, ids: []string{w.ID}, text: f.b.String()})
}

func takes(rule airlock.FileRule) string {
	text := "any type of file"
	if len(rule.Allowed) > 0 {
		text = "only " + strings.Join(rule.Allowed, " ")
	}
	if len(rule.Forbidden) > 0 {
		text += ", never " + strings.Join(rule.Forbidden, " ")
	}
	return text
}

func approvals(n int) string {
	if n == 1 {
		return "one airlock manager approves"
	}
	return fmt.Sprintf("%d airlock managers approve", n)
}

func days(n int) string {
	if n == 0 {
		return "for good"
	}
	return fmt.Sprintf("%d days", n)
}
