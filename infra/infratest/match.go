package infratest

import (
	"slices"
	"strings"
)

// MatchFunctions compares the functions with the plan, both ways: every
// Event Grid function gets exactly the events it waits for, no subscription
// leads to a function that is not there, and the host finds a setting behind
// every name a function.json uses.
func MatchFunctions(p *Plan, functions []Function) []string {
	var f findings
	var want, got []string
	settings := AppSettings(p)
	for _, fn := range functions {
		switch fn.Trigger {
		case "eventGridTrigger":
			want = append(want, fn.Name)
		case "blobTrigger":
			want = append(want, fn.Name)
			f.unless(fn.Source == "EventGrid", "%s: polls; Flex Consumption cannot", fn.Name)
			container, _, _ := strings.Cut(fn.Path, "/")
			f.unless(subscribedContainer(p, fn.Name) == container, "%s: waits for container %q, the subscription watches %q", fn.Name, container, subscribedContainer(p, fn.Name))
			for _, part := range []string{"blobServiceUri", "queueServiceUri", "credential", "clientId"} {
				_, ok := settings[fn.Connection+"__"+part]
				f.unless(ok, "%s: no setting %s__%s", fn.Name, fn.Connection, part)
			}
		case "timerTrigger":
			_, ok := settings[strings.Trim(fn.Schedule, "%")]
			f.unless(ok || !strings.HasPrefix(fn.Schedule, "%"), "%s: no setting for %s", fn.Name, fn.Schedule)
		}
	}
	for _, r := range subscriptions(p) {
		if target := subscriptionOf(r).target; target != "logic app" {
			got = append(got, target)
		}
	}
	f.same("functions that get events", want, slices.Compact(sorted(got)))
	return f
}

func subscribedContainer(p *Plan, function string) string {
	for _, r := range subscriptions(p) {
		if s := subscriptionOf(r); s.target == function {
			rest := strings.TrimPrefix(s.begins, "/blobServices/default/containers/")
			container, _, _ := strings.Cut(rest, "/")
			return container
		}
	}
	return ""
}

// hostSettings are the settings that belong to the host and to no function
// code, by their prefix.
var hostSettings = []string{"AzureWebJobsStorage__", "AzureWebJobsDisableHomepage", "APPLICATIONINSIGHTS_"}

// leftOut are settings that a deployment leaves at their defaults; tests set them.
var leftOut = []string{"AIRLOCK_BACKGROUND"}

// MatchSettings compares the planned app settings with those the handler's
// config knows, both ways, and lets nothing else in that no function.json uses.
func MatchSettings(p *Plan, known []string, functions []Function) []string {
	var f findings
	var planned []string
	for name := range AppSettings(p) {
		if strings.HasPrefix(name, "AIRLOCK_") {
			planned = append(planned, name)
			continue
		}
		used := slices.ContainsFunc(hostSettings, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		for _, fn := range functions {
			used = used || fn.Connection != "" && strings.HasPrefix(name, fn.Connection+"__") || fn.Schedule == "%"+name+"%"
		}
		f.unless(used, "setting %s is used by nothing", name)
	}
	f.same("AIRLOCK_ settings", known, append(planned, leftOut...))
	return f
}

// MatchRoles compares the role assignments of a plan with known ids with the rows
// "| module: resource | role | ..." of a document, both ways: who may do what is
// written down, with a reason, or it is not there.
func MatchRoles(p *Plan, doc string) []string {
	var f findings
	var want, got []string
	for line := range strings.Lines(doc) {
		cells := strings.Split(line, "|")
		if len(cells) < 5 || !strings.Contains(cells[1], "azurerm_role_assignment.") {
			continue
		}
		where := strings.Trim(strings.TrimSpace(cells[1]), "`")
		for _, role := range strings.Split(cells[2], ",") {
			want = append(want, where+" "+strings.TrimSpace(role))
		}
		f.unless(strings.TrimSpace(cells[4]) != "", "%s: no reason", where)
	}
	for _, r := range p.OfType("azurerm_role_assignment") {
		got = append(got, r.Kind()+" "+roleOf(r))
	}
	f.same("role assignments", want, slices.Compact(sorted(got)))
	return f
}

// MatchRegistry compares the accounts each workspace is registered with with those
// planned for it.
func MatchRegistry(p *Plan) []string {
	var f findings
	docs, err := RegistryDocuments(p)
	if err != nil {
		return []string{err.Error()}
	}
	f.unless(len(docs) == 2, "%d workspaces to register, want 2", len(docs))
	var named, made []string
	for id, doc := range docs {
		accounts, _ := doc["accounts"].(map[string]any)
		for code, name := range accounts {
			named = append(named, strings.Join([]string{id, code, name.(string)}, " "))
		}
	}
	for _, a := range stageAccounts(p) {
		if id := a.Text("tags.airlock_workspace"); id != "" {
			for _, code := range strings.Fields(a.Text("tags.airlock_stage")) {
				made = append(made, strings.Join([]string{id, code, a.Text("name")}, " "))
			}
		}
	}
	f.same("accounts of the registry", made, named)
	return f
}
