package cli_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/story"
)

// A gate's findings are shown, and an approval acknowledges them. It runs alone: the workspace's policy is another meanwhile.
func TestFindings(t *testing.T) {
	before, err := shared.ChangePolicy(t.Context(), "imaging", func(policy map[string]any) {
		story.Member(policy, "gates")["export"] = []any{map[string]any{"id": "disclosure", "kind": "content",
			"rules": map[string]any{"sdc.small_count": map[string]any{"action": "review"}}}}
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := shared.ChangePolicy(context.WithoutCancel(t.Context()), "imaging", func(policy map[string]any) { policy["gates"] = before["gates"] })
		require.NoError(t, err)
	})
	ben, grace := newcomer(t), newcomer(t)
	ben.run("login", shared.API, "-w", "imaging", "--token-command", ben.tokenCommand("researcher2")).ends(0)
	grace.run("login", shared.API, "-w", "imaging", "--token-command", grace.tokenCommand("manager")).ends(0)
	id := ben.draft("export", ben.file("counts.csv", "group,count\na,3\nb,20\n"), "--submit", "--wait", "--timeout", "1m")
	grace.run("findings", id).ends(0).prints("disclosure\tcounts.csv\tsdc.small_count\treview\t").says("--ack sdc.small_count/1=REASON")
	grace.run("review", id, "--approve", "--reason", "Fine").ends(7).says("airlock findings")
	grace.run("review", id, "--approve", "--reason", "Fine", "--ack", "sdc.large/1=x").ends(2)
	grace.run("review", id, "--approve", "--reason", "Fine", "--ack", "sdc.small_count/1=Published in the paper already").ends(0)
	ben.run("submit", id, "--wait=approved", "--timeout", "1m").ends(0)
}
