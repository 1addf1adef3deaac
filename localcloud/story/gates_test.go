package story_test

import (
	"strings"
	"testing"
	"time"

	. "example.org/airlock/localcloud/story"
)

// marked is a table with small cells. Its markers are looked for everywhere.
const marked = "Zanzibar-marker,count\nQuokka-marker,3\nAxolotl-marker,120\nNarwhal-marker,85\nPangolin-marker,97\nOkapi-marker,410\n"

// gates sets the policy's gates of exports until the story is over.
func gates(p *Play, gates ...map[string]any) {
	p.Policy("exports have to pass gates", func(policy map[string]any) {
		Member(policy, "gates")["export"] = gates
	})
}

// judging is a content gate with one action for small cells.
func judging(action string) map[string]any {
	return map[string]any{"id": "content", "kind": "content", "rules": map[string]any{
		"sdc.small_count": map[string]any{"action": action}, "sdc.unrounded": map[string]any{"action": "note"}}}
}

// A gate that blocks ends in quarantine, from where nothing comes back.
func TestAGateBlocks(t *testing.T) {
	playIn(t, "genomics", 60*time.Second, func(p *Play) {
		gates(p, judging("block"))
		p.As(Researcher).Creates(Export).Uploads("counts.csv", []byte(marked)).Submits()
		r := p.Eventually(BlockedByScan)
		p.Holds(strings.Contains(r.Message(), "sdc.small_count"), "nobody is told why: %q", r.Message())
		p.TrailVerifies().BytesLieWhereTheyBelong()
		p.As(Owner).IsRefused("retry", 400)
	})
}
