package chaos

import (
	"context"
	"maps"

	"example.org/airlock/localcloud/story"
)

// gatedTwice is the workspace where an engine of its own looks at exports, after the service, and another one, which never
// answers, is asked about imports. In the other workspace exports have a content gate.
const gatedTwice = "imaging"

// The ids of the gates that chaos sets.
const (
	contentGate  = "content"
	externalGate = "dlp"
	silentGate   = "silent"
)

// engineID is the object id of story.Engine.
const engineID = "66666666-6666-4666-8666-666666666661"

// inspected is the content gate of exports. What noise can look like is left to reviewers, so that the end of a story never
// hangs on its dice; small cells are quarantined, and outputs of notebooks go back.
func inspected() map[string]any {
	rules := map[string]any{"sdc.small_count": action("block"), "hidden.notebook_output": action("return")}
	for _, rule := range []string{"type.mismatch", "uncheckable.unknown", "uncheckable.corrupt", "uncheckable.encrypted", "hidden.trailing", "hidden.dataset"} {
		rules[rule] = action("review")
	}
	return map[string]any{"id": contentGate, "kind": "content", "rules": rules}
}

func action(do string) map[string]any { return map[string]any{"action": do} }

// asked is an external gate that story.Engine speaks for.
func asked(id string, more map[string]any) map[string]any {
	gate := map[string]any{"id": id, "kind": "external", "callers": []string{engineID}}
	maps.Copy(gate, more)
	return gate
}

// Prepare sets the policies that chaos is played under: several files a request, and gates. Handlers remember a policy for
// some seconds; new ones don't know the old.
func Prepare(ctx context.Context, c *story.Cloud) error {
	gates := map[string]map[string]any{
		playedIn: {"export": []any{inspected()}},
		gatedTwice: {"export": []any{inspected(), asked(externalGate, map[string]any{"stage": 1, "deadlineMinutes": 60})},
			"import": []any{asked(silentGate, map[string]any{"deadlineMinutes": 1, "retries": 1})}},
	}
	for workspace, one := range gates {
		_, err := c.ChangePolicy(ctx, workspace, func(policy map[string]any) {
			story.Member(policy, "files")["maxFiles"] = 10
			policy["gates"] = one
		})
		if err != nil {
			return err
		}
	}
	return c.Kill(ctx)
}
