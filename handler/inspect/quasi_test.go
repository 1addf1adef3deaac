package inspect_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Rows of people are told apart by a few attributes, unless somebody merged the categories; rows of a table of groups are
// told apart by nature.
func TestRowsThatAreUniqueAreFound(t *testing.T) {
	pick := func(dice *rand.Rand, words string) string {
		all := strings.Fields(words)
		return all[dice.IntN(len(all))]
	}
	regions := "North South East West Isles Coast Hills Lakes"
	day := func(dice *rand.Rand) string {
		return fmt.Sprintf("20%02d-%02d-%02d", 10+dice.IntN(10), 1+dice.IntN(12), 1+dice.IntN(28))
	}
	attributes := func(dice *rand.Rand, _ int) string {
		return fmt.Sprintf("%d,%s,%s,%s", 18+dice.IntN(80), pick(dice, "F M"), pick(dice, regions), day(dice))
	}
	for _, c := range []struct {
		name   string
		rows   int
		header string
		row    func(dice *rand.Rand, i int) string
		want   []string
	}{
		{"an extract", 60, "age,sex,region,admission_date", attributes, []string{"pii.unique_rows"}},
		{"an extract of many", 3_000, "age,sex,region,admission_date", attributes, []string{"pii.unique_rows"}},
		{"a large extract", 40_000, "age,sex,region,admission_date", attributes, []string{"pii.unique_rows", "sdc.row_level"}},
		{"attributes as codes", 8_000, "id_x,AGE,SEX,ETHNICITY,REGION,sbp", func(dice *rand.Rand, i int) string {
			return fmt.Sprintf("%x,%d,%d,%d,%d,%.1f", 70_000_000+i*3001, 18+dice.IntN(80), 1+dice.IntN(2), 1+dice.IntN(9), 1+dice.IntN(40), 90+dice.Float64()*80)
		}, []string{"pii.unique_rows", "sdc.row_level"}},
		{"a pseudonym beside attributes", 120, "lab,sex,race,marker", func(dice *rand.Rand, i int) string {
			return fmt.Sprintf("%03d-%03d,%s,%s,%.2f", i/7, i, pick(dice, "F M"), pick(dice, "A B C"), dice.Float64())
		}, []string{"sdc.row_level"}},
		{"in German", 200, "Alter;Geschlecht;Gemeinde;Wert", func(dice *rand.Rand, i int) string {
			return fmt.Sprintf("%d;%s;%s;%d,5", 18+dice.IntN(80), pick(dice, "w m d"), pick(dice, regions), i)
		}, []string{"pii.unique_rows", "sdc.row_level"}},
		{"categories without names", 400, "a,b,c,d,e", func(dice *rand.Rand, i int) string {
			return strings.Join([]string{pick(dice, regions), pick(dice, "x y z u v"), pick(dice, "red green blue grey"), pick(dice, "one two three four five"), fmt.Sprint(i, ".5")}, ",")
		}, []string{"pii.unique_rows", "sdc.row_level"}},
		{"categories that are merged", 400, "age_band,sex,region,sbp", func(dice *rand.Rand, i int) string {
			return fmt.Sprintf("%s,%s,%s,%d.5", pick(dice, "18-39 40-64 65+"), pick(dice, "F M"), pick(dice, "North South"), 100+i%50)
		}, []string{"sdc.row_level"}},
		{"many whose categories are merged", 20_000, "age_band,sex,region,sbp", func(dice *rand.Rand, i int) string {
			return fmt.Sprintf("%s,%s,%s,%d.5", pick(dice, "18-39 40-64 65+"), pick(dice, "F M"), pick(dice, regions), 100+i%50)
		}, []string{"sdc.row_level"}},

		{"counts of strata", 160, "age_band,sex,region,n", func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("%d-%d,%s,%s,%d", 10*(i/16), 10*(i/16)+9, []string{"F", "M"}[i%2], strings.Fields(regions)[i/2%8], 20+5*(i%30))
		}, []string{}},
		{"rates of strata", 160, "age_band,sex,region,rate", func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("%d-%d,%s,%s,0.%d", 10*(i/16), 10*(i/16)+9, []string{"F", "M"}[i%2], strings.Fields(regions)[i/2%8], i)
		}, []string{}},
		{"strata and a value without a name", 160, "age_band,sex,region,y", func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("%d-%d,%s,%s,%d.5", 10*(i/16), 10*(i/16)+9, []string{"F", "M"}[i%2], strings.Fields(regions)[i/2%8], i)
		}, []string{}},
		{"strata of some measures", 96, "measure,age_band,sex,level", func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("measure %d,%d-%d,%s,%d.5", i/12, 10*(i%12/2), 10*(i%12/2)+9, []string{"F", "M"}[i%2], i)
		}, []string{}},
		{"strata with their names", 96, "label,measure,age_band,sex,level", func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("measure %d of %s at %d,measure %d,%d-%d,%s,%d.5", i/12, []string{"F", "M"}[i%2], i%12/2, i/12, 10*(i%12/2), 10*(i%12/2)+9, []string{"F", "M"}[i%2], i)
		}, []string{}},
		{"a life table", 202, "age,sex,qx,lx", func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("%d,%s,0.0%d,%d.5", i/2, []string{"F", "M"}[i%2], i, 100_000-i)
		}, []string{}},
		{"odds ratios", 36, "age_group,sex,ethnicity,or,lower,upper", func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("%d0s,%s,%s,1.%d,0.%d,2.%d", 2+i/6, []string{"F", "M"}[i%2], []string{"A", "B", "C"}[i/2%3], i, i, i)
		}, []string{}},
		{"a panel", 528, ",state,year,cpi,pop,tax", func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("%d,S%d,%d,1.%d,%d,2.%d", i+1, i%48, 1985+i/48, i, 300_000+i*7, i)
		}, []string{"sdc.row_level"}},
		{"days of regions", 900, "date,region,admissions", func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("2020-%02d-%02d,%s,%d", 1+i/3/28, 1+i/3%28, []string{"N", "S", "W"}[i%3], 20+5*(i%40))
		}, []string{}},
	} {
		dice := rand.New(rand.NewPCG(7, 9))
		content := people(c.rows, c.header, func(i int) string { return c.row(dice, i) })
		got := []string{}
		for _, rule := range sure(report(t, "a.csv", []byte(content))) {
			if rule == "pii.unique_rows" || rule == "sdc.row_level" {
				got = append(got, rule)
			}
		}
		assert.Equal(t, c.want, got, c.name)
	}
}

// unique is the share of rows that are the only ones with their first cells.
func unique(rows [][]string, cells int) float64 {
	times, once := map[string]int{}, 0
	for _, r := range rows {
		times[strings.Join(r[:cells], ",")]++
	}
	for _, n := range times {
		if n == 1 {
			once++
		}
	}
	return float64(once) / float64(len(rows))
}

// Made-up extracts, with some attributes, coarse or fine. The truth is counted; shares about the threshold have none, as those of
// large tables are estimated.
func TestUniqueRowsKeepTheirPrecisionAndRecall(t *testing.T) {
	attributes := []struct {
		header string
		cell   func(dice *rand.Rand, fine bool) string
	}{
		{"sex", func(dice *rand.Rand, _ bool) string { return []string{"F", "M"}[dice.IntN(2)] }},
		{"age", func(dice *rand.Rand, fine bool) string {
			if fine {
				return fmt.Sprint(18 + dice.IntN(80))
			}
			return fmt.Sprintf("%d0-%d9", 2+2*dice.IntN(3), 3+2*dice.IntN(3))
		}},
		{"ethnic_group", func(dice *rand.Rand, fine bool) string {
			return fmt.Sprint("group ", dice.IntN(map[bool]int{true: 18, false: 3}[fine]))
		}},
		{"district", func(dice *rand.Rand, fine bool) string {
			return fmt.Sprint("D", dice.IntN(map[bool]int{true: 300, false: 4}[fine]))
		}},
		{"admission_date", func(dice *rand.Rand, fine bool) string {
			if fine {
				return fmt.Sprintf("2019-%02d-%02d", 1+dice.IntN(12), 1+dice.IntN(28))
			}
			return fmt.Sprint(2015 + dice.IntN(4))
		}},
		{"occupation", func(dice *rand.Rand, fine bool) string {
			return fmt.Sprint("job ", dice.IntN(map[bool]int{true: 90, false: 5}[fine]))
		}},
	}
	s := score{}
	for seed := range uint64(80) {
		dice := rand.New(rand.NewPCG(seed, 4))
		of := dice.Perm(len(attributes))[:2+dice.IntN(5)]
		fine := dice.IntN(3)
		rows := make([][]string, []int{60, 400, 2_000, 6_000}[seed%4])
		for i := range rows {
			for _, a := range of {
				rows[i] = append(rows[i], attributes[a].cell(dice, dice.IntN(3) < fine && fine > 0 && a%3 < fine))
			}
			rows[i] = append(rows[i], fmt.Sprintf("%.1f", 90+60*dice.Float64()), fmt.Sprint(dice.IntN(40)))
		}
		share := unique(rows, len(of))
		if share > 0.04 && share < 0.06 {
			continue
		}
		var header strings.Builder
		for _, a := range of {
			header.WriteString(attributes[a].header + ",")
		}
		found := surelyFound(report(t, "a.csv", []byte(people(len(rows), header.String()+"sbp,visits", func(i int) string { return strings.Join(rows[i], ",") }))))["pii.unique_rows"]
		switch {
		case found && share >= 0.05:
			s.right++
		case found:
			s.wrong++
			t.Logf("seed %d, %d rows of %s: found, and %.3f are unique", seed, len(rows), header.String(), share)
		case share >= 0.05:
			s.missed++
			t.Logf("seed %d, %d rows of %s: missed, and %.3f are unique", seed, len(rows), header.String(), share)
		}
	}
	t.Log(s)
	assert.GreaterOrEqual(t, s.precision(), 0.97)
	assert.GreaterOrEqual(t, s.recall(), 0.97)
	assert.Greater(t, s.right, 30)
}
