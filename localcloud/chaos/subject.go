package chaos

import (
	"context"
	"slices"

	"example.org/airlock/localcloud/story"
)

// Subject plays an approved export undisturbed and returns its case, for tests of the inquest itself. The cloud is prepared.
func Subject(ctx context.Context, c *story.Cloud) (Case, error) {
	var played *story.Play
	s := scenarios[slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == "export approved" })]
	err := c.Run(ctx, story.Story{Name: s.name, Play: func(p *story.Play) {
		played = p
		s.play(p, []story.File{story.Noise("a.csv", 1000, 1)}, nil)
	}}, story.Options{})
	return caseOf(played, s, "undisturbed", err), err
}
