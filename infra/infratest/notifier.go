package infratest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// checkNotifierAnswers walks the notifier's workflow: every response that comes
// after the mails says whether they were sent. Event Grid repeats an event that is not
// answered with 2xx.
func checkNotifierAnswers(p *Plan) []string {
	var f findings
	answers := map[string]string{}
	for _, body := range notifierWorkflows(p, &f) {
		actions, _ := walk(body, "else.actions.somebody_has_it.else.actions").(map[string]any)
		f.unless(actions["events"] != nil, "the notifier sends nothing")
		for _, action := range actions {
			if walk(action, "type") != "Response" {
				continue
			}
			for _, outcome := range outcomesOf(actions, action, "events") {
				answers[outcome] += fmt.Sprint(walk(action, "inputs.statusCode"))
			}
		}
	}
	f.unless(fmt.Sprint(answers) == "map[Failed:500 Succeeded:200 TimedOut:500]", "answers by outcome: %v", answers)
	return f
}

// checkNotifierClaims: of two runs for one event, which Event Grid starts when the
// first takes more than 30 s, one sends. The other says "sent" only when it knows.
// https://learn.microsoft.com/azure/event-grid/delivery-and-retry
func checkNotifierClaims(p *Plan) []string {
	var f findings
	for _, body := range notifierWorkflows(p, &f) {
		text := func(path string) string { return fmt.Sprint(walk(body, "else.actions."+path)) }
		const claim = "claim.inputs."
		f.unless(text(claim+"method") == "PUT" && text(claim+"headers.If-None-Match") == "*", "the notifier's claim takes what somebody has")
		f.unless(strings.Contains(text(claim+"uri"), "triggerBody()?[0]?['id']"), "the notifier claims something else than the event: %s", text(claim+"uri"))
		f.unless(text("events") == "<nil>", "the notifier sends without a claim")
		f.unless(text("somebody_has_it.runAfter.claim") == "[Succeeded Failed TimedOut]", "without its blobs the notifier sends nothing")
		f.unless(strings.Contains(text("somebody_has_it.expression"), "createArray(409,412)"), "the notifier does not see that somebody has the event")
		const own = "somebody_has_it.else.actions."
		f.unless(text(own+"sent.inputs.body") == "sent" && text(own+"sent.runAfter.events") == "[Succeeded]", "the notifier does not note what it has sent")
		f.unless(text(own+"release.inputs.method") == "DELETE" && text(own+"release.runAfter.events") == "[Failed TimedOut]", "what the notifier could not send is never tried again")
		const other = "somebody_has_it.actions."
		f.unless(text(other+"again.inputs.statusCode") == "@if(equals(string(coalesce(body('what_became_of_it'),'')),'sent'),200,503)",
			"a duplicate is answered %s", text(other+"again.inputs.statusCode"))
	}
	return f
}

// notifierWorkflows are the bodies of the notifier's one action.
func notifierWorkflows(p *Plan, f *findings) []any {
	var bodies []any
	for _, r := range p.OfType("azurerm_logic_app_action_custom") {
		var body any
		if err := json.Unmarshal([]byte(r.Text("body")), &body); err != nil {
			f.unless(false, "%s: %v", r.Address, err)
			continue
		}
		bodies = append(bodies, body)
	}
	f.unless(len(bodies) == 1, "%d workflows, want 1", len(bodies))
	return bodies
}

// outcomesOf are the outcomes of the first action after which this one runs, over
// any that stand between.
func outcomesOf(actions map[string]any, action any, first string) []string {
	after, _ := walk(action, "runAfter").(map[string]any)
	var found []string
	for name, outcomes := range after {
		if name != first {
			found = append(found, outcomesOf(actions, actions[name], first)...)
			continue
		}
		for _, outcome := range outcomes.([]any) {
			found = append(found, fmt.Sprint(outcome))
		}
	}
	return found
}
