//go:build corpus

package inspect_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// TestCleanReport counts alarms on outputs that disclose nothing, in many formats (testdata/corpus/clean.py), under the
// rules of ACRO for exports.
func TestCleanReport(t *testing.T) {
	acro, err := inspect.NewRuleSet(true, "acro-default", nil)
	require.NoError(t, err)
	files, alarmed, high, by := [2]int{}, [2]int{}, [2]int{}, map[string]int{}
	for _, l := range made(t, "clean") {
		content, err := os.ReadFile(filepath.Join(corpus, l.File))
		require.NoError(t, err)
		half := halfOf(l.Group)
		files[half]++
		alarms := alarmsOf(acro.Apply(report(t, filepath.Base(l.File), content)))
		if len(alarms) == 0 {
			continue
		}
		alarmed[half]++
		if _, grave := alarms[inspect.High]; grave {
			high[half]++
		}
		by[filepath.Ext(l.File)]++
		if half == 0 && os.Getenv("TELL") != "" {
			fmt.Println(l.File, alarms)
		}
	}
	for half, of := range []string{"tuning", "hold-out"} {
		fmt.Printf("clean outputs, %s: alarms on %d of %d, high ones on %d\n", of, alarmed[half], files[half], high[half])
	}
	fmt.Println("  by extension:", by)
}
