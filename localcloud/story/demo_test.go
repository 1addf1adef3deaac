package story_test

import (
	"testing"

	"example.org/airlock/localcloud/story"
)

func TestStoriesOfTheDemo(t *testing.T) {
	for _, s := range story.Demo() {
		t.Run(s.Name, func(t *testing.T) { play(t, s.Play) })
	}
}
