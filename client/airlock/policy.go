package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.org/airlock/client"
)

func (a *app) policyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "policy",
		Short: "Show and change what a workspace demands",
		Long: `What a workspace demands of its requests (files, scan, reviewers, retention, deadlines) is its
policy. Members see it; TRE administrators change it.`,
		Example: `  airlock policy show genomics
  airlock policy set genomics review.exportApprovals=2 files.export.allowedExtensions='[".csv",".png"]' --dry-run
  airlock policy show -o json > policy.json && airlock policy diff policy.json`,
	}
	show := &cobra.Command{Use: "show [WORKSPACE]", Short: "Show a workspace's policy", Example: "  airlock policy show genomics", Args: cobra.MaximumNArgs(1), ValidArgsFunction: a.completeWorkspaces,
		RunE: func(c *cobra.Command, args []string) error { return a.showPolicy(c.Context(), strings.Join(args, "")) }}
	diff := &cobra.Command{Use: "diff FILE", Short: "Compare a workspace's policy with a file", Example: "  airlock policy diff policy.json -w genomics", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.diffPolicy(c.Context(), args[0]) }}
	c.AddCommand(show, diff, a.setPolicyCommand(), a.editPolicyCommand())
	return c
}

// object is a JSON object as it is, with all its members.
type object = map[string]any

func readObject(raw []byte) (object, error) {
	var o object
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&o); err != nil || o == nil {
		return nil, fmt.Errorf("this is no JSON object: %w", err)
	}
	return o, nil
}

// flat lists the members of a policy by their paths.
func flat(o object) map[string]string {
	all := map[string]string{}
	var walk func(path string, value any)
	walk = func(path string, value any) {
		if below, ok := value.(object); ok && len(below) > 0 {
			for name, v := range below {
				walk(strings.TrimPrefix(path+"."+name, "."), v)
			}
			return
		}
		text, err := json.Marshal(value)
		if err != nil {
			panic(err) // it was JSON
		}
		all[path] = string(text)
	}
	walk("", o)
	return all
}

func (a *app) showPolicy(ctx context.Context, name string) error {
	if _, err := a.connect(); err != nil {
		return err
	}
	w, err := a.workspaceNamed(ctx, name)
	if err != nil {
		return err
	}
	o, err := readObject(w.Policy)
	if err != nil {
		return err
	}
	res := result{objects: []json.RawMessage{w.Policy}, ids: []string{w.ID}, table: table{head: []string{"MEMBER", "VALUE"}, elastic: 1}}
	members := flat(o)
	for _, path := range slices.Sorted(maps.Keys(members)) {
		res.table.add(path, members[path])
	}
	return a.show(res)
}

// differences are the members that two policies do not have alike, by path.
func differences(was, is object) table {
	t := table{head: []string{"MEMBER", "IS", "WOULD BE"}, elastic: 2}
	before, after := flat(was), flat(is)
	paths := maps.Clone(before)
	maps.Copy(paths, after)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if before[path] != after[path] {
			t.add(path, first(before[path], "-"), first(after[path], "-"))
		}
	}
	return t
}

func (a *app) showDifferences(was, is object) error {
	t := differences(was, is)
	res := result{list: true, table: t}
	for _, row := range t.rows {
		raw, err := json.Marshal(map[string]string{"member": row[0], "is": row[1], "wouldBe": row[2]})
		if err != nil {
			return err
		}
		res.objects, res.ids = append(res.objects, raw), append(res.ids, row[0])
	}
	if len(t.rows) == 0 {
		a.say("Nothing would change.")
	}
	return a.show(res)
}

func (a *app) diffPolicy(ctx context.Context, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	wanted, err := readPolicy(file, text)
	if err != nil {
		return err
	}
	filled, err := json.Marshal(wanted) // with the defaults of what it does not say
	if err != nil {
		return err
	}
	if _, err := a.connect(); err != nil {
		return err
	}
	w, err := a.workspaceNamed(ctx, "")
	if err != nil {
		return err
	}
	was, err := readObject(w.Policy)
	if err != nil {
		return err
	}
	is, err := readObject(filled)
	if err != nil {
		return err
	}
	return a.showDifferences(was, is)
}

// changing are the flags of commands that change a policy.
type changing struct{ yes, dryRun bool }

func (a *app) setPolicyCommand() *cobra.Command {
	var o changing
	c := &cobra.Command{
		Use:   "set [WORKSPACE] PATH=VALUE...",
		Short: "Change members of a workspace's policy",
		Long: `Change members of a workspace's policy. VALUE is JSON; a bare word is a text. PATH= without a
value takes the member back to its default. What changes is shown first, and asked for on a terminal.`,
		Example: `  airlock policy set genomics review.exportApprovals=2
  airlock policy set files.maxFiles=20 enabled=true -w genomics --dry-run`,
		Args: cobra.MinimumNArgs(1), ValidArgsFunction: a.completeWorkspaces,
		RunE: func(c *cobra.Command, args []string) error {
			workspace := ""
			if !strings.Contains(args[0], "=") {
				workspace, args = args[0], args[1:]
			}
			if len(args) == 0 {
				return wrongUsage("what is to change? Add PATH=VALUE, e.g. review.exportApprovals=2")
			}
			return a.changePolicy(c.Context(), workspace, o, func(policy object) (object, error) { return policy, setMembers(policy, args) })
		},
	}
	c.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "show what would change, try it on the last requests, and change nothing")
	return c
}

func (a *app) editPolicyCommand() *cobra.Command {
	var o changing
	c := &cobra.Command{
		Use: "edit [WORKSPACE]", Short: "Change a workspace's policy in an editor",
		Long:    "Open a workspace's policy in $VISUAL or $EDITOR, and put in force what you save.",
		Example: "  EDITOR=nano airlock policy edit genomics",
		Args:    cobra.MaximumNArgs(1), ValidArgsFunction: a.completeWorkspaces,
		RunE: func(c *cobra.Command, args []string) error {
			if !a.interactive() {
				return wrongUsage("an editor needs a terminal; use `airlock policy set`")
			}
			return a.changePolicy(c.Context(), strings.Join(args, ""), o, func(policy object) (object, error) { return a.edited(c.Context(), policy) })
		},
	}
	c.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "show what would change, try it on the last requests, and change nothing")
	return c
}

// changePolicy changes the policy in a workspace's document, at the version that was
// shown.
func (a *app) changePolicy(ctx context.Context, workspace string, o changing, change func(object) (object, error)) error {
	if _, err := a.connect(); err != nil {
		return err
	}
	id, err := a.workspaceOf(ctx, workspace)
	if err != nil {
		return err
	}
	w, err := a.api.Workspace(ctx, id, client.Audience{})
	if err != nil {
		return err
	}
	if len(w.Document) == 0 {
		return fail(exitForbidden, "only TRE administrators change policies; `airlock policy show` shows this one")
	}
	document, err := readObject(w.Document)
	if err != nil {
		return err
	}
	was, err := readObject(w.Policy)
	if err != nil {
		return err
	}
	policy, err := readObject(w.Policy)
	if err != nil {
		return err
	}
	if policy, err = change(policy); err != nil {
		return err
	}
	document["policy"] = policy
	if same := len(differences(was, policy).rows) == 0; same || o.dryRun {
		if err := a.showDifferences(was, policy); err != nil || same {
			return err
		}
		return a.simulate(ctx, id, policy)
	}
	if a.interactive() && !o.yes {
		for _, row := range differences(was, policy).rows {
			a.say("%s: %s -> %s", row[0], row[1], row[2])
		}
	}
	if err := a.confirm(o.yes, fmt.Sprintf("Put this in force in %s?", a.known.name(id))); err != nil {
		return err
	}
	raw, err := json.Marshal(document)
	if err != nil {
		return err
	}
	if _, err := a.api.PutWorkspace(ctx, id, raw, w.ETag); err != nil {
		return err
	}
	return a.showDifferences(was, policy)
}

// setMembers sets members of a policy by their paths.
func setMembers(policy object, settings []string) error {
	for _, setting := range settings {
		path, text, ok := strings.Cut(setting, "=")
		if !ok || path == "" {
			return wrongUsage("%q: write PATH=VALUE, e.g. review.exportApprovals=2", setting)
		}
		parts := strings.Split(path, ".")
		at := policy
		for _, part := range parts[:len(parts)-1] {
			below, ok := at[part].(object)
			if !ok {
				return wrongUsage("a policy has no %q; `airlock policy show` lists what there is", path)
			}
			at = below
		}
		last := parts[len(parts)-1]
		if text == "" {
			delete(at, last)
			continue
		}
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			value = text
		}
		at[last] = value
	}
	return nil
}

// edited lets somebody edit a policy.
func (a *app) edited(ctx context.Context, policy object) (object, error) {
	text, err := json.MarshalIndent(policy, "", "  ")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "airlock-policy-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "policy.json")
	if err := os.WriteFile(file, append(text, '\n'), 0o600); err != nil {
		return nil, err
	}
	words := append(strings.Fields(first(a.getenv("VISUAL"), a.getenv("EDITOR"), "vi")), file)
	editor := exec.CommandContext(ctx, words[0], words[1:]...)
	editor.Stdin, editor.Stdout, editor.Stderr = os.Stdin, os.Stderr, os.Stderr
	if err := editor.Run(); err != nil {
		return nil, fmt.Errorf("the editor %s failed; nothing was changed: %w", words[0], err)
	}
	if text, err = os.ReadFile(file); err != nil {
		return nil, err
	}
	changed, err := readObject(text)
	if err == nil && reflect.DeepEqual(changed, policy) {
		a.say("You changed nothing.")
	}
	return changed, err
}
