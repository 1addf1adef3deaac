//go:build corpus

package inspect_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// person is somebody who is made up, with what a register has of them.
func person(dice *rand.Rand) map[string]string {
	pick := func(words string) string {
		all := strings.Fields(words)
		return all[dice.IntN(len(all))]
	}
	digits := func(n int) string {
		out := ""
		for range n {
			out += fmt.Sprint(dice.IntN(10))
		}
		return out
	}
	first := pick("Ann Bob Cleo Dee Eli Fay Gus Hal Ida Jon Kit Lea Max Nia Oli Pia Quin Rae Sam Tia Uma Val Wes Xia Yan Zoe")
	last := pick("Adams Baker Clark Davies Evans Foster Green Hughes Irving Jones Khan Lewis Morris Nguyen O'Brien Patel Quinn Roberts Smith Taylor Usman Vaughan Walker Young") + pick("- -son -ley -man -ton -field -wood -by -er -ham -worth -well")[1:]
	return map[string]string{
		"pii.nhs_number":    nhsNumber(dice.IntN(100_000)),
		"pii.email":         strings.ToLower(first+"."+strings.ReplaceAll(last, "'", "")) + digits(2) + "@" + pick("gmail.com nhs.net outlook.com ed.ac.uk"),
		"pii.postcode_full": pick("EH SW LS CF BT NE OX M L B") + fmt.Sprint(1+dice.IntN(19)) + " " + fmt.Sprint(dice.IntN(10)) + pick("AB DE GH JL NP QR ST UW XY ZZ"),
		"pii.phone":         "07" + digits(9),
		"pii.name_column":   last,
		"pii.dob":           fmt.Sprintf("%04d-%02d-%02d", 1930+dice.IntN(80), 1+dice.IntN(12), 1+dice.IntN(28)),
		"pii.nino":          pick("AB CE GH JK LM PR SX") + digits(6) + pick("A B C D"),
	}
}

// TestPersonalReport measures the rules about personal data in columns. It counts their findings in public data sets as
// they are (most have no people's data), and looks whether they find a column of made-up people that is added to one.
func TestPersonalReport(t *testing.T) {
	headers := map[string][]string{"pii.nhs_number": {"nhs_number", "NHS No", "id"}, "pii.email": {"email", "contact", "x"}, "pii.postcode_full": {"postcode", "address", "x"}, "pii.phone": {"phone", "tel", "x"},
		"pii.name_column": {"surname", "last_name", "family name"}, "pii.dob": {"dob", "date_of_birth", "birth date"}, "pii.nino": {"nino", "ni number", "x"}}
	found, alarms := [2]map[string][2]int{{}, {}}, [2]map[string]int{{}, {}}
	sets := [2]int{}
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
				rules := map[string]bool{}
				for _, text := range sure(report(t, "a.csv", b.Bytes())) {
					rule, _, _ := strings.Cut(text, " ")
					rules[rule] = true
				}
				return rules
			}
			bare := of(d.header, d.rows)
			for rule := range bare {
				if strings.HasPrefix(rule, "pii.") {
					alarms[half][rule]++
					if half == 0 && os.Getenv("TELL") != "" {
						fmt.Println(d.name, rule, d.header, d.rows[0])
					}
				}
			}
			dice := rand.New(rand.NewPCG(uint64(len(content)), 5))
			for rule, names := range headers {
				if bare[rule] {
					continue
				}
				rows := make([][]string, min(len(d.rows), 200))
				for i := range rows {
					rows[i] = append(append([]string{}, d.rows[i]...), person(dice)[rule])
				}
				score := found[half][rule]
				if score[1]++; of(append(append([]string{}, d.header...), names[dice.IntN(len(names))]), rows)[rule] {
					score[0]++
				}
				found[half][rule] = score
			}
		})
	}
	for half, name := range []string{"tuning", "hold-out"} {
		fmt.Printf("%s: %d data sets, alarms on them as they are %v\n", name, sets[half], alarms[half])
		for rule, score := range found[half] {
			fmt.Printf("  %-18s %d of %d columns found\n", rule, score[0], score[1])
		}
	}
}
