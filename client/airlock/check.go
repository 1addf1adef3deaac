package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"example.org/airlock/client/blobs"
	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/inspect"
)

// checkOptions are the flags of check.
type checkOptions struct {
	asImport, asExport bool
	policy             string
}

func (a *app) checkCommand() *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use:   "check PATH...",
		Short: "Check files against a workspace's rules, before there is a request",
		Long: `Check files against the rules of a workspace, with the service's own code, on this machine:
names, sizes and types, and what is inside (small counts, personal data, hidden sheets and
the like). Nothing of the files is sent. With --policy FILE not even the network is needed;
such a file is what 'airlock policy show -o json' prints.

Every finding is a line: file, rule, what the airlock would do, and what it is. "note" and
"review" are for you and the reviewer to look at. The exit code is 7 if the files would be
refused or sent back.`,
		Example: `  airlock check results/ --export
  airlock policy show genomics -o json > genomics.json
  airlock check results/ --export --policy genomics.json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.check(c.Context(), args, o) },
	}
	f := c.Flags()
	f.BoolVar(&o.asImport, "import", false, "by the rules for imports")
	f.BoolVar(&o.asExport, "export", false, "by the rules for exports")
	f.StringVar(&o.policy, "policy", "", "file with the policy; nothing is asked of the airlock then")
	c.MarkFlagsOneRequired("import", "export")
	c.MarkFlagsMutuallyExclusive("import", "export")
	return c
}

func (a *app) check(ctx context.Context, paths []string, o checkOptions) error {
	files, leftOut, err := blobs.Sources(paths)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	p, err := a.policyFor(ctx, o)
	if err != nil {
		return err
	}
	for _, name := range leftOut {
		a.say("Left out: %s", name)
	}
	direction := "import"
	if o.asExport {
		direction = "export"
	}
	res := result{list: true, table: table{head: []string{"FILE", "RULE", "ACTION", "WHAT"}, elastic: 3}}
	refused := false
	for _, v := range brokenRules(direction, files, nil, p) {
		refused = true
		raw, err := json.Marshal(map[string]string{"file": v.File, "rule": v.Rule, "action": "refuse", "message": v.Message})
		if err != nil {
			return err
		}
		res.objects, res.ids = append(res.objects, raw), append(res.ids, v.File)
		res.table.add(v.File, v.Rule, "refuse", v.Message)
	}
	gates, err := contentGates(airlock.RequestType(direction), p)
	if err != nil {
		return err
	}
	for _, gate := range gates {
		all, err := gate.look(ctx, files, p.Files.SupportingFolder)
		if err != nil {
			return err
		}
		for _, f := range all {
			if !gate.required { // it holds nobody up
				f.Action = inspect.ActNote
			}
			refused = refused || f.Action == inspect.ActBlock || f.Action == inspect.ActReturn
			if err := res.add(f); err != nil {
				return err
			}
		}
	}
	if err := a.show(res); err != nil {
		return err
	}
	if refused {
		return fail(exitViolated, "an %s of these files would be refused or sent back", direction)
	}
	a.say("An %s of %s would go on to review.", direction, fileCount(len(files)))
	return nil
}

// contentGates are the inspections that the policy asks for. Where it asks for none, one
// with the catalogue's defaults gives advice.
func contentGates(direction airlock.RequestType, p airlock.Policy) ([]contentGate, error) {
	var gates []contentGate
	for _, g := range p.Gates.For(direction) {
		if g.Kind != airlock.ContentGate {
			continue
		}
		rules, err := g.RuleSet(direction)
		if err != nil {
			return nil, err
		}
		limits := inspect.DefaultLimits()
		if g.InspectLimit > 0 {
			limits = limits.UpTo(g.InspectLimit)
		}
		gates = append(gates, contentGate{rules: rules, limits: limits, required: g.Mode == airlock.GateRequired})
	}
	if len(gates) > 0 {
		return gates, nil
	}
	rules, err := inspect.NewRuleSet(direction == airlock.Export, "", nil)
	return []contentGate{{rules: rules, limits: inspect.DefaultLimits()}}, err
}

// policyFor is the policy to check by.
func (a *app) policyFor(ctx context.Context, o checkOptions) (airlock.Policy, error) {
	if o.policy != "" {
		text, err := os.ReadFile(o.policy)
		if err != nil {
			return airlock.Policy{}, &exitError{exitUsage, err}
		}
		return readPolicy(o.policy, text)
	}
	if _, err := a.connect(); err != nil {
		return airlock.Policy{}, err
	}
	w, err := a.workspaceNamed(ctx, "")
	if err != nil {
		return airlock.Policy{}, err
	}
	return policyOf(w)
}

// readPolicy reads a policy, or the policy in a workspace's document.
func readPolicy(file string, text []byte) (airlock.Policy, error) {
	var outer struct {
		Policy json.RawMessage `json:"policy"`
	}
	if json.Unmarshal(text, &outer) == nil && len(outer.Policy) > 0 {
		text = outer.Policy
	}
	var p airlock.Policy
	if err := json.Unmarshal(text, &p); err != nil {
		return p, wrongUsage("%s holds no policy: %v", file, err)
	}
	if broken := p.Check(); len(broken) > 0 {
		return p, wrongUsage("%s holds no valid policy: %s", file, broken[0].Message)
	}
	return p, nil
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Show the version of this program", Example: "  airlock version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.show(oneResult(map[string]string{"version": version, "commit": commit, "date": date}, version,
				fmt.Sprintf("airlock %s (%s, %s)\n", version, commit, date)))
		},
	}
}
