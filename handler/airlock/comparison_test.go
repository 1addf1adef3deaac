package airlock_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/airlock/handler/airlock"
)

func TestCompareTellsWhatChanged(t *testing.T) {
	before := []airlock.File{{Name: "same", SHA256: "1"}, {Name: "edited", SHA256: "2"}, {Name: "old name", SHA256: "3"}, {Name: "gone", SHA256: "4"}, {Name: "huge"}, {Name: "copied", SHA256: "5"}}
	now := []airlock.File{{Name: "same", SHA256: "1"}, {Name: "edited", SHA256: "9"}, {Name: "new name", SHA256: "3"}, {Name: "fresh", SHA256: "8"}, {Name: "huge"},
		{Name: "copied", SHA256: "5"}, {Name: "copy", SHA256: "5"}, {Name: "second", SHA256: "3"}}
	require.Equal(t, airlock.Comparison{
		Files: []airlock.ComparedFile{{"same", airlock.FileUnchanged, ""}, {"edited", airlock.FileChanged, ""}, {"new name", airlock.FileRenamed, "old name"}, {"fresh", airlock.FileNew, ""},
			{"huge", airlock.FileChanged, ""}, {"copied", airlock.FileUnchanged, ""}, {"copy", airlock.FileNew, ""}, {"second", airlock.FileNew, ""}},
		Removed: []string{"gone"},
	}, airlock.Compare(before, now))
	require.Equal(t, airlock.Comparison{Files: []airlock.ComparedFile{}, Removed: []string{}}, airlock.Compare(nil, nil))
}

// Every old name is there still, was renamed once, or is removed.
func TestCompareLosesNoName(t *testing.T) {
	manifest := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) airlock.File {
		return airlock.File{Name: rapid.StringMatching("[a-f]").Draw(t, "name"), SHA256: rapid.SampledFrom([]string{"", "1", "2", "3"}).Draw(t, "sha")}
	}), 0, 6, func(f airlock.File) string { return f.Name })
	rapid.Check(t, func(t *rapid.T) {
		before, now := manifest.Draw(t, "before"), manifest.Draw(t, "now")
		c := airlock.Compare(before, now)
		accounted := map[string]int{}
		for i, f := range c.Files {
			require.Equal(t, now[i].Name, f.Name)
			switch f.Change {
			case airlock.FileRenamed:
				accounted[f.From]++
			case airlock.FileChanged, airlock.FileUnchanged:
				accounted[f.Name]++
			}
		}
		for _, name := range c.Removed {
			accounted[name]++
		}
		require.Len(t, accounted, len(before))
		for _, f := range before {
			require.Equal(t, 1, accounted[f.Name], f.Name)
		}
	})
}
