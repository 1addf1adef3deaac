//go:build corpus

package inspect_test

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHiddenReport measures the rules about hidden structure on documents of public packages, and on made ones.
// The libraries that programs read such documents with say what is in each (testdata/corpus/truth.py).
func TestHiddenReport(t *testing.T) {
	for _, name := range []string{"documents", "hidden"} {
		halves := [2]scores{{}, {}}
		files := [2]int{}
		for _, l := range made(t, name) {
			content, err := os.ReadFile(filepath.Join(corpus, l.File))
			require.NoError(t, err)
			half := halfOf(l.Group)
			files[half]++
			halves[half].compare(l, report(t, filepath.Base(l.File), content), func(rule string, found bool) {
				if half == 0 && os.Getenv("TELL") != "" {
					fmt.Println(l.File, rule, "found", found)
				}
			})
		}
		for half, of := range []string{"tuning", "hold-out"} {
			fmt.Printf("%s, %s: %d files\n%s", name, of, files[half], halves[half])
		}
	}
}

// halfOf says which half of the corpus a group belongs to: 0 for tuning, 1 for the hold-out, which is never looked at while
// rules are tuned.
func halfOf(group string) int {
	h := fnv.New32a()
	h.Write([]byte(group))
	return int(h.Sum32() % 2)
}

// made reads the labels of files that a program of testdata/corpus has made or found.
func made(t *testing.T, name string) []labelled {
	t.Helper()
	lines, err := os.ReadFile(filepath.Join(corpus, "made", name+".jsonl"))
	require.NoError(t, err)
	return labelsOf(t, lines)
}
