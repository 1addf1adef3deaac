package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/identity"
)

// showPolicy prints a workspace's policy, changed first where settings like review.allowSelfReview=true are given.
func showPolicy(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set, dir := flags("policy", stderr)
	name := set.String("workspace", defaultWorkspace, "workspace name or id")
	var settings []string
	for rest := args; ; { // flags may stand anywhere among the settings
		if err := set.Parse(rest); err != nil {
			return err
		}
		if set.NArg() == 0 {
			break
		}
		settings, rest = append(settings, set.Arg(0)), set.Args()[1:]
	}
	w, err := identity.FindWorkspace(*name)
	if err != nil {
		return err
	}
	var change func(map[string]any) error
	if len(settings) > 0 {
		change = func(p map[string]any) error { return setAll(p, settings) }
	}
	now, err := cloud.ChangePolicy(ctx, *dir, w, change)
	if err != nil {
		return err
	}
	out := json.NewEncoder(stdout)
	out.SetIndent("", "  ")
	return out.Encode(now)
}

func setAll(policy map[string]any, settings []string) error {
	for _, setting := range settings {
		path, text, ok := strings.Cut(setting, "=")
		if !ok {
			return fmt.Errorf("%q is not of the form path=value, e.g. review.allowSelfReview=true", setting)
		}
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			value = text // a bare word is a text
		}
		if err := cloud.SetMember(policy, path, value); err != nil {
			return err
		}
	}
	return nil
}
