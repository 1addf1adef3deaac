package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"example.org/airlock/client"
)

// outlooks say in words how a turn of a request ended, or would have ended.
var outlooks = map[string]string{
	"review": "reviewed", "acknowledge": "reviewed, with findings to acknowledge", "return": "returned", "fail": "failed",
	"block": "blocked", "refuse": "refused at submit", "unknown": "unknown",
}

// simulate says what a policy would have made of the workspace's last requests.
func (a *app) simulate(ctx context.Context, id string, policy object) error {
	raw, err := json.Marshal(policy)
	if err != nil {
		return err
	}
	s, err := a.api.SimulatePolicy(ctx, id, raw)
	if err != nil {
		return err
	}
	for _, line := range simulationLines(s) {
		a.say("%s", line)
	}
	return nil
}

// simulationLines is a simulation in words: a sentence, and a line for each turn of which
// something else would have become or might have.
func simulationLines(s client.Simulation) []string {
	if len(s.Turns) == 0 {
		return []string{"None of the last requests has been at its gates: there is nothing to try this on."}
	}
	changed, unsure := 0, 0
	var lines []string
	for _, t := range s.Turns {
		line := fmt.Sprintf("  %s (%s, turn %d) was %s, would be %s", t.RequestID, t.Type, t.Turn, outlooks[t.Was], outlooks[t.Would])
		switch rules := because(t); {
		case t.Changed:
			changed++
			if rules != "" {
				line += ": " + rules
			}
		case t.Complete:
			continue
		}
		if !t.Complete {
			unsure++
			line += " (not all is on record)"
		}
		lines = append(lines, line)
	}
	sum := fmt.Sprintf("Tried on %s of the last requests: %d would end otherwise.", turns(len(s.Turns)), changed)
	if unsure > 0 {
		sum += fmt.Sprintf(" Of %d not all is on record that the gates would have judged.", unsure)
	}
	return append([]string{sum}, lines...)
}

func turns(n int) string {
	if n == 1 {
		return "1 turn"
	}
	return fmt.Sprintf("%d turns", n)
}

// because names the rules that would have had a turn end otherwise.
func because(t client.SimulatedTurn) string {
	rules := slices.Clone(t.Rules)
	for _, g := range t.Gates {
		for _, rule := range g.Rules {
			if len(t.Rules) == 0 && !slices.Contains(rules, rule) {
				rules = append(rules, rule)
			}
		}
	}
	return strings.Join(rules, ", ")
}
