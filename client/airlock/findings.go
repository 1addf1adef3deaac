package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.org/airlock/client"
	"example.org/airlock/handler/inspect"
)

func (a *app) findingsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "findings ID",
		Short: "Show what the gates found in the files",
		Long: `Show what the gates found in a request's files: which rule, what the airlock does about it,
where, and how often. What stands there of a file is numbers only. An approval has to
acknowledge the groups that are named at the end, each with a reason.`,
		Example: `  airlock findings @last
  airlock review @last --approve --reason "Fine" --ack sdc.small_count/1="Published already, see the paper"`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error { return a.findings(c.Context(), args[0]) },
	}
}

// gateFindings is one gate's report.
type gateFindings struct {
	ID       string            `json:"id"`
	Status   string            `json:"status"`
	Why      string            `json:"why"`
	Required bool              `json:"required"`
	Groups   []string          `json:"groups"`
	Findings []json.RawMessage `json:"findings"`
}

func (a *app) gates(ctx context.Context, r client.Ref) ([]gateFindings, error) {
	raw, err := a.api.Sub(ctx, r, "findings", nil)
	if err != nil {
		return nil, err
	}
	var all struct {
		Gates []gateFindings `json:"gates"`
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("the findings cannot be read: %w", err)
	}
	return all.Gates, nil
}

func (a *app) findings(ctx context.Context, id string) error {
	r, err := a.requestOf(ctx, id)
	if err != nil {
		return err
	}
	gates, err := a.gates(ctx, r)
	if err != nil {
		return err
	}
	res := result{list: true, table: table{head: []string{"GATE", "FILE", "RULE", "ACTION", "WHAT"}, elastic: 4}}
	for _, gate := range gates {
		for _, raw := range gate.Findings {
			var f struct {
				inspect.Judged
				Name    string `json:"name"`
				Message string `json:"message"`
			}
			if err := json.Unmarshal(raw, &f); err != nil {
				return fmt.Errorf("a finding cannot be read: %w", err)
			}
			res.objects, res.ids = append(res.objects, raw), append(res.ids, f.Rule)
			res.table.add(gate.ID, f.Name, f.Rule, string(f.Action), strings.TrimSpace(findingText(f.Judged)+" "+oneLine(f.Message)))
		}
		a.say("Gate %s: %s", gate.ID, strings.TrimSpace(gate.Status+" "+gate.Why))
		for _, group := range gate.Groups {
			a.say("To acknowledge: --ack %s=REASON", group)
		}
	}
	if len(gates) == 0 {
		a.say("No gate beside the malware scan looks at this request.")
	}
	return a.show(res)
}

// acknowledgement says that a reviewer saw a group of findings.
type acknowledgement struct {
	Gate   string `json:"gate"`
	Group  string `json:"group"`
	Reason string `json:"reason"`
}

// acknowledgements reads GROUP=REASON, for the gates that have such a group.
func (a *app) acknowledgements(ctx context.Context, r client.Ref, given []string) ([]acknowledgement, error) {
	if len(given) == 0 {
		return nil, nil
	}
	gates, err := a.gates(ctx, r)
	if err != nil {
		return nil, err
	}
	var all []acknowledgement
	for _, text := range given {
		group, reason, ok := strings.Cut(text, "=")
		before := len(all)
		for _, gate := range gates {
			if slices.Contains(gate.Groups, group) {
				all = append(all, acknowledgement{gate.ID, group, reason})
			}
		}
		if !ok || reason == "" || len(all) == before {
			return nil, wrongUsage("--ack %s: write GROUP=REASON; `airlock findings` lists the groups", text)
		}
	}
	return all, nil
}
