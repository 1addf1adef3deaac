package chaos

import (
	"context"

	"example.org/airlock/localcloud/story"
)

// Subject plays an approved import undisturbed and returns its case, for tests of the inquest itself.
func Subject(ctx context.Context, c *story.Cloud) (Case, error) {
	var played *story.Play
	s := scenarios[0]
	err := c.Run(ctx, story.Story{Name: s.name, Play: func(p *story.Play) {
		played = p
		s.play(p, []story.File{story.Bytes("a.csv", clean)}, nil)
	}}, story.Options{})
	return caseOf(played, s, "undisturbed", err), err
}
