//go:build corpus

package inspect_test

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// corpus is where `make corpus-report` unpacks public packages.
const corpus = "../../build/corpus"

// files calls to for each file of a package with one of the extensions.
func files(t *testing.T, pkg string, extensions []string, to func(path string, content []byte)) {
	err := filepath.WalkDir(filepath.Join(corpus, pkg)+"/", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), "._") || !slices.Contains(extensions, strings.ToLower(filepath.Ext(path))) {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil {
			to(path, content)
		}
		return err
	})
	require.NoError(t, err)
}

// TestCorpusReport measures the rules about tables on outputs that are made from
// public data sets: half of the sets, by a hash of their names, are for tuning, and
// the other half is never looked at. It counts what is found in public documents.
func TestCorpusReport(t *testing.T) {
	scores := []map[string]*score{{}, {}}
	clean, alarmed, sets := [2]int{}, [2]int{}, [2]int{}
	for _, pkg := range []string{"pydataset", "lifelines"} {
		files(t, pkg, []string{".csv"}, func(path string, content []byte) {
			d := public(path, content)
			if d == nil {
				return
			}
			half := int(d.name[0]+d.name[len(d.name)-1]) % 2
			sets[half]++
			o, a := measure(t, d, rand.New(rand.NewPCG(uint64(len(content)), 3)), scores[half], func(o output, rule string, found bool) {
				if half == 0 && os.Getenv("TELL") != "" {
					fmt.Println(d.name, o.kind, rule, "found", found, o.cells[:min(len(o.cells), 6)])
				}
			})
			clean[half], alarmed[half] = clean[half]+o, alarmed[half]+a
		})
	}
	for half, name := range []string{"tuning", "hold-out"} {
		fmt.Printf("%s: %d data sets\n", name, sets[half])
		for _, rule := range scored {
			s := scores[half][rule]
			fmt.Printf("  %-18s precision %.3f  recall %.3f  (%d right, %d wrong, %d missed)\n", rule, s.precision(), s.recall(), s.right, s.wrong, s.missed)
		}
		fmt.Printf("  alarms on %d of %d clean outputs\n", alarmed[half], clean[half])
	}
	for _, c := range []struct {
		pkg        string
		extensions []string
	}{{"nbconvert", []string{".ipynb"}}, {"nbformat", []string{".ipynb"}}, {"pypdf", []string{".pdf"}}, {"python_docx", []string{".docx"}}, {"python_pptx", []string{".pptx"}}, {"rdata", []string{".rds", ".rda"}},
		{"oletools", []string{".doc", ".docm", ".docx", ".xls", ".xlsm", ".xlsx", ".xlsb", ".ppt", ".pptm", ".zip"}}} {
		n, found := 0, map[string]int{}
		files(t, c.pkg, c.extensions, func(path string, content []byte) {
			n++
			rules := map[string]bool{}
			for _, text := range sure(report(t, filepath.Base(path), content)) {
				rule, _, _ := strings.Cut(text, " ")
				rules[rule] = true
			}
			for rule := range rules {
				found[rule]++
			}
		})
		fmt.Printf("%s: %d files %v\n", c.pkg, n, found)
	}
}

// public reads a public data set; nil for one that is too small to make outputs of.
func public(path string, content []byte) *dataset {
	rows, err := csv.NewReader(strings.NewReader(string(content))).ReadAll()
	if err != nil || len(rows) < 60 || len(rows[0]) < 3 {
		return nil
	}
	d := &dataset{name: strings.TrimSuffix(filepath.Base(path), ".csv"), header: rows[0], rows: rows[1:min(len(rows), 5000)]}
	d.kinds()
	return d
}
