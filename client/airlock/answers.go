package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"example.org/airlock/handler/airlock"
)

// answers reads NAME=ANSWER in the kinds that the workspace's form asks for.
func (a *app) answers(ctx context.Context, workspace, direction string, given []string) (map[string]any, error) {
	w, err := a.workspaceNamed(ctx, workspace)
	if err != nil {
		return nil, err
	}
	p, err := policyOf(w)
	if err != nil {
		return nil, err
	}
	form := p.FormOf(airlock.RequestType(direction))
	answers := map[string]any{}
	for _, text := range given {
		name, answer, ok := strings.Cut(text, "=")
		i := slices.IndexFunc(form, func(f airlock.Field) bool { return f.Name == name })
		if !ok || i < 0 {
			return nil, wrongUsage("--answer %s: write NAME=ANSWER. The workspace asks:\n%s", text, first(strings.TrimRight(questions(direction, p), "\n"), "nothing"))
		}
		answers[name] = answerOf(form[i].Kind, answer)
	}
	return answers, nil
}

// askRest asks for the required answers that were not given, where somebody is there.
func (a *app) askRest(ctx context.Context, workspace, direction string, answers map[string]any) (map[string]any, error) {
	if !a.interactive() {
		return answers, nil // submit says what is missing
	}
	w, err := a.workspaceNamed(ctx, workspace)
	if err != nil {
		return nil, err
	}
	p, err := policyOf(w)
	if err != nil {
		return nil, err
	}
	for _, field := range p.FormOf(airlock.RequestType(direction)) {
		if _, given := answers[field.Name]; given || !field.Required {
			continue
		}
		question := oneLine(field.Label)
		if len(field.Options) > 0 {
			question += " [" + oneLine(strings.Join(field.Options, ", ")) + "]"
		}
		answer, err := a.ask(question, "--answer "+field.Name+"=ANSWER")
		if err != nil {
			return nil, err
		}
		if answers == nil {
			answers = map[string]any{}
		}
		answers[field.Name] = answerOf(field.Kind, answer)
	}
	return answers, nil
}

// questions are those of a workspace about requests of a direction, one a line.
func questions(direction string, p airlock.Policy) string {
	var b strings.Builder
	for _, field := range p.FormOf(airlock.RequestType(direction)) {
		kind := strings.ReplaceAll(string(field.Kind), "_", " ")
		if len(field.Options) > 0 {
			kind += " of " + strings.Join(field.Options, ", ")
		}
		if field.Required {
			kind += ", required"
		}
		fmt.Fprintf(&b, "%s: --answer %s=… (%s) %s\n", direction, field.Name, oneLine(kind), oneLine(field.Label))
	}
	return b.String()
}

// answerOf is an answer as the form wants it; a text that is no number is left to the service,
// which says so.
func answerOf(kind airlock.FieldKind, text string) any {
	switch kind {
	case airlock.NumberField:
		var n json.Number
		if json.Unmarshal([]byte(text), &n) == nil {
			return n
		}
	case airlock.YesNoField:
		switch strings.ToLower(text) {
		case "yes", "true":
			return true
		case "no", "false":
			return false
		}
	case airlock.ChoicesField:
		return strings.Split(text, ",")
	}
	return text
}
