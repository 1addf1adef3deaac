package chaos

import (
	"context"
	"slices"

	"example.org/airlock/localcloud/story"
)

// Subject plays an approved export undisturbed and returns its case, for tests of the inquest itself. The cloud is prepared.
func Subject(ctx context.Context, c *story.Cloud) (Case, error) {
	s := scenarios[slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == "export approved" })]
	return s.run(ctx, c, []story.File{story.Noise("a.csv", 1000, 1)}, "undisturbed", story.Options{})
}
