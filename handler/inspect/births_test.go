package inspect_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// Dates of birth are told from other dates by themselves: before 2015, over more than 40 years, and in no order. Dates of a
// series, of publications and of events under a name that says so are none.
func TestDatesOfBirthNeedNoHeader(t *testing.T) {
	birth := func(dice *rand.Rand) time.Time {
		return time.Date(1930, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, dice.IntN(75*365))
	}
	written := func(layout string) func(dice *rand.Rand, i int) string {
		return func(dice *rand.Rand, _ int) string { return birth(dice).Format(layout) }
	}
	step := func(years, months, days int) func(*rand.Rand, int) string {
		return func(_ *rand.Rand, i int) string {
			return time.Date(1950, 1, 7, 0, 0, 0, 0, time.UTC).AddDate(years*i, months*i, days*i).Format(time.DateOnly)
		}
	}
	sorted := func(_ *rand.Rand, i int) string {
		return time.Date(1950, 1, 7, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i*157+i*i%97).Format(time.DateOnly)
	}
	for _, c := range []struct {
		name, header string
		rows         int
		cell         func(dice *rand.Rand, i int) string
		found        bool
	}{
		{"ISO 8601", "x", 60, written(time.DateOnly), true},
		{"a few", "x", 12, written(time.DateOnly), true},
		{"many", "x", 9_000, written(time.DateOnly), true},
		{"with a time", "x", 60, written("2006-01-02T15:04:05.000Z"), true},
		{"with a time behind a blank", "x", 60, written("2006-01-02 15:04:05"), true},
		{"British", "date", 60, written("02/01/2006"), true},
		{"American", "d1", 60, written("1/2/2006"), true},
		{"German", "Datum", 60, written("02.01.2006"), true},
		{"SAS", "var7", 60, written("02Jan2006"), true},
		{"by name", "x", 60, written("2 January 2006"), true},
		{"by name, quoted", "x", 60, func(dice *rand.Rand, _ int) string { return `"` + birth(dice).Format("Jan 2, 2006") + `"` }, true},
		{"eight digits", "x", 60, written("20060102"), true},
		{"some missing", "x", 60, func(dice *rand.Rand, i int) string {
			if i%5 == 0 {
				return "NA"
			}
			return birth(dice).Format(time.DateOnly)
		}, true},
		{"two digits under a header", "dob", 60, written("02/01/06"), true},
		{"eight digits under a header", "date_of_birth", 60, written("20060102"), true},

		{"publications", "published", 60, written(time.DateOnly), false},
		{"admissions", "admission_date", 60, written(time.DateOnly), false},
		{"a sorted list", "x", 60, sorted, false},
		{"days", "x", 20_000, step(0, 0, 1), false},
		{"weeks", "x", 2_400, step(0, 0, 7), false},
		{"months", "x", 600, step(0, 1, 0), false},
		{"quarters", "x", 200, step(0, 3, 0), false},
		{"years", "x", 60, step(1, 0, 0), false},
		{"months of four groups", "x", 2_400, func(_ *rand.Rand, i int) string { return step(0, 1, 0)(nil, i%600) }, false},
		{"weeks of three groups", "x", 7_200, func(_ *rand.Rand, i int) string { return step(0, 0, 7)(nil, i%2_400) }, false},
		{"days backwards", "x", 20_000, func(_ *rand.Rand, i int) string { return step(0, 0, -1)(nil, i-20_000) }, false},
		{"months in no order", "x", 600, func(dice *rand.Rand, _ int) string { return step(0, 1, 0)(nil, dice.IntN(600)) }, false},
		{"visits", "x", 300, func(dice *rand.Rand, _ int) string {
			return time.Date(2003, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, dice.IntN(10*365)).Format(time.DateOnly)
		}, false},
		{"visits and a placeholder", "x", 300, func(dice *rand.Rand, i int) string {
			if i == 7 {
				return "1900-01-01"
			}
			return time.Date(2003, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, dice.IntN(10*365)).Format(time.DateOnly)
		}, false},
		{"dates up to now", "x", 300, func(dice *rand.Rand, _ int) string {
			return time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, dice.IntN(56*365)).Format(time.DateOnly)
		}, false},
		{"numbers of eight digits", "x", 300, func(dice *rand.Rand, _ int) string { return fmt.Sprint(19_000_000 + dice.IntN(1_000_000)) }, false},
		{"versions", "x", 300, func(dice *rand.Rand, _ int) string {
			return fmt.Sprintf("%d.%d.%d", dice.IntN(20), dice.IntN(20), dice.IntN(200))
		}, false},
	} {
		dice := rand.New(rand.NewPCG(3, 8))
		content := people(c.rows, "code,"+c.header+",y", func(i int) string { return fmt.Sprintf("%c,%s,%d.5", 'a'+i%7, c.cell(dice, i), i%50) })
		assert.Equal(t, c.found, strings.Contains(strings.Join(sure(report(t, "a.csv", []byte(content))), " "), "pii.dob"), c.name)
	}

	for name, c := range map[string]struct {
		header string
		row    func(i int) string
		found  bool
	}{
		"days with the most deaths, from the worst on": {"date,deaths", func(i int) string { return fmt.Sprint(900 - i) }, false},
		"those and their places":                       {"date,place,deaths", func(i int) string { return fmt.Sprintf("P%d,%d", i%9, 900-i) }, false},
		"people and their visits":                      {"x,sex,n_visits", func(i int) string { return fmt.Sprintf("%c,%d", "FM"[i%2], 1+i*i%7) }, true},
	} {
		dice := rand.New(rand.NewPCG(3, 8))
		content := people(40, c.header, func(i int) string { return written(time.DateOnly)(dice, i) + "," + c.row(i) })
		assert.Equal(t, c.found, strings.Contains(strings.Join(sure(report(t, "a.csv", []byte(content))), " "), "pii.dob"), name)
	}
}

// What is known of a table of very many columns of dates fits into the state between two steps.
func TestDatesOfManyColumnsAreKept(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 8))
	line := func(cell func() string) string {
		return strings.Join(slices.Collect(func(yield func(string) bool) {
			for range 500 {
				if !yield(cell()) {
					return
				}
			}
		}), ",")
	}
	content := []byte(people(200, line(func() string { return "d" }), func(int) string {
		return line(func() string {
			return fmt.Sprintf("%d-%02d-%02d", 1930+dice.IntN(80), 1+dice.IntN(12), 1+dice.IntN(28))
		})
	}))
	f := inspect.NewFile("a.csv", int64(len(content)), inspect.DefaultLimits())
	for done := false; !done; {
		var err error
		done, err = f.Step(source(content), func() bool { return true })
		require.NoError(t, err)
		kept, err := f.State()
		require.NoError(t, err)
		f, err = inspect.Resume("a.csv", kept)
		require.NoError(t, err)
	}
	for _, found := range f.Report().Findings {
		if found.Rule == "pii.dob" {
			require.Equal(t, int64(500*200), found.Count)
			return
		}
	}
	require.Fail(t, "no date of birth was found")
}
