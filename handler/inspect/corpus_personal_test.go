//go:build corpus

package inspect_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestPersonalReport measures the rules about personal data in columns: each made column is added to public data
// sets, one at a time, under a header that may tell nothing. It counts the findings in the data sets as they are.
func TestPersonalReport(t *testing.T) {
	var columns []column
	b, err := os.ReadFile(filepath.Join(corpus, "made", "people.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &columns))
	columns = append(columns, registers()...)
	halves, alarms, sets := [2]scores{{}, {}}, [2]map[string]int{{}, {}}, [2]int{}
	for _, pkg := range []string{"pydataset", "lifelines"} {
		files(t, pkg, []string{".csv"}, func(path string, content []byte) {
			d := public(path, content)
			if d == nil {
				return
			}
			half := int(d.name[0]+d.name[len(d.name)-1]) % 2
			sets[half]++
			of := func(header []string, rows [][]string) map[string]bool {
				var b bytes.Buffer
				require.NoError(t, csv.NewWriter(&b).WriteAll(append([][]string{header}, rows...)))
				return surelyFound(report(t, "a.csv", b.Bytes()))
			}
			bare := of(d.header, d.rows)
			if half == 0 && os.Getenv("TELL") != "" && bare["pii.unique_rows"] {
				fmt.Println(d.name, "has unique rows:", d.header)
			}
			for rule := range bare {
				if strings.HasPrefix(rule, "pii.") {
					alarms[half][rule]++
				}
			}
			dice := rand.New(rand.NewPCG(uint64(len(content)), 5))
			for _, c := range columns {
				if dice.IntN(3) > 0 { // a third of the pairs tells as much
					continue
				}
				from, name := dice.IntN(len(c.Values)), c.Headers[dice.IntN(len(c.Headers))]
				rows := make([][]string, min(len(d.rows), 200))
				for i := range rows {
					rows[i] = append(append([]string{}, d.rows[i][:min(len(d.rows[i]), 12)]...), c.Values[(from+i)%len(c.Values)])
				}
				found := of(append(append([]string{}, d.header[:min(len(d.header), 12)]...), name), rows)
				rules := append(slices.Clone(byCheck), "pii.dob")
				if c.Rule != "" && strings.HasPrefix(c.Name, "register") {
					rules = []string{c.Rule}
				}
				for _, rule := range rules {
					if bare[rule] {
						continue
					}
					s := halves[half].of(rule)
					switch is := c.Rule == rule; {
					case is && found[rule]:
						s.right++
					case is:
						s.missed++
					case found[rule]:
						s.wrong++
					}
					if half == 0 && os.Getenv("TELL") != "" && (c.Rule == rule) != found[rule] {
						fmt.Println(d.name, c.Name, "named", name, rule, "found", found[rule])
					}
				}
			}
		})
	}
	for half, name := range []string{"tuning", "hold-out"} {
		fmt.Printf("personal data, %s: %d data sets, alarms on them as they are %v\n%s", name, sets[half], alarms[half], halves[half])
	}
}

// registers are columns that no check digit tells, under headers that name them.
func registers() (out []column) {
	dice := rand.New(rand.NewPCG(3, 5))
	named := map[string][]string{"pii.phone": {"phone", "tel", "x"}, "pii.name_column": {"surname", "last_name", "family name"}, "pii.dob": {"dob", "date_of_birth", "birth date", "x", "datum", "v3"}}
	for _, rule := range slices.Sorted(maps.Keys(named)) {
		headers := named[rule]
		c := column{Name: "register " + rule, Rule: rule, Headers: headers}
		for range 1500 {
			c.Values = append(c.Values, person(dice)[rule])
		}
		out = append(out, c)
	}
	day := time.Date(1955, 3, 1, 0, 0, 0, 0, time.UTC)
	dates := map[string]func(i int) time.Time{
		"days":   func(i int) time.Time { return day.AddDate(0, 0, i) },
		"weeks":  func(i int) time.Time { return day.AddDate(0, 0, 7*i) },
		"months": func(i int) time.Time { return day.AddDate(0, i%700, 0) },
		"visits": func(int) time.Time { return day.AddDate(48, 0, dice.IntN(10*365)) },
		"issues": func(i int) time.Time { return day.AddDate(0, 0, 11*i+dice.IntN(11)) },
	}
	for _, name := range slices.Sorted(maps.Keys(dates)) {
		next := dates[name]
		c := column{Name: name, Headers: []string{"date", "x", "datum"}}
		for i := range 1500 {
			c.Values = append(c.Values, next(i).Format(time.DateOnly))
		}
		out = append(out, c)
	}
	return out
}

// person is somebody who is made up, with what a register has of them.
func person(dice *rand.Rand) map[string]string {
	pick := func(words string) string {
		all := strings.Fields(words)
		return all[dice.IntN(len(all))]
	}
	last := pick("Adams Baker Clark Davies Evans Foster Green Hughes Irving Jones Khan Lewis Morris Nguyen O'Brien Patel Quinn Roberts Smith Taylor Usman Vaughan Walker Young") + pick("- -son -ley -man -ton -field -wood -by -er -ham -worth -well")[1:]
	return map[string]string{
		"pii.phone":       fmt.Sprintf("07%09d", dice.IntN(1_000_000_000)),
		"pii.name_column": last,
		"pii.dob":         fmt.Sprintf("%04d-%02d-%02d", 1930+dice.IntN(80), 1+dice.IntN(12), 1+dice.IntN(28)),
	}
}
