package inspect_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// dataset is rows of people, from which outputs are made as researchers make them.
// The truth about each output is known by how it was made.
type dataset struct {
	name    string
	header  []string
	rows    [][]string
	labels  []int // columns of categories
	numbers []int // columns of measurements
}

// output is a table with what is true of it.
type output struct {
	kind  string
	cells [][]string
	truth map[string]bool // by rule
}

// kinds says which columns are categories and which are measurements.
func (d *dataset) kinds() {
	for c := range d.header {
		different, numeric, fractions := map[string]bool{}, 0, 0
		for _, r := range d.rows {
			different[r[c]] = true
			if v, err := strconv.ParseFloat(r[c], 64); err == nil {
				numeric++
				if v != float64(int64(v)) {
					fractions++
				}
			}
		}
		switch {
		case len(different) >= 2 && len(different) <= 8:
			d.labels = append(d.labels, c)
		case numeric*10 > len(d.rows)*9 && fractions*10 > numeric:
			d.numbers = append(d.numbers, c)
		}
	}
}

// values are the different values of a column, sorted.
func (d *dataset) values(c int) []string {
	seen := map[string]bool{}
	for _, r := range d.rows {
		seen[r[c]] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// cross counts the rows by two columns.
func (d *dataset) cross(a, b int) (rows, columns []string, counts [][]int) {
	rows, columns = d.values(a), d.values(b)
	counts = make([][]int, len(rows))
	for i := range counts {
		counts[i] = make([]int, len(columns))
	}
	for _, r := range d.rows {
		counts[slices.Index(rows, r[a])][slices.Index(columns, r[b])]++
	}
	return rows, columns, counts
}

// few is below the threshold of ACRO and others.
const few = 10

// outputs makes outputs of a data set.
func (d *dataset) outputs(dice *rand.Rand) []output {
	var out []output
	if len(d.rows) >= 100 && len(d.header) >= 3 {
		out = append(out, d.sample())
	}
	if len(d.labels) >= 2 {
		i := dice.Perm(len(d.labels))
		a, b := d.labels[i[0]], d.labels[i[1]]
		out = append(out, d.table("crosstab", a, b, false, asIs), d.table("crosstab with margins", a, b, true, asIs), d.table("rounded crosstab", a, b, false, rounded),
			d.table("redacted crosstab", a, b, false, redacted), d.table("redacted with margins", a, b, true, redactedOnly))
	}
	for _, c := range d.labels[:min(len(d.labels), 2)] {
		out = append(out, d.frequencies(c, dice, asIs), d.frequencies(c, dice, rounded), d.shares(c))
		if len(d.numbers) > 0 {
			n := d.numbers[dice.IntN(len(d.numbers))]
			out = append(out, d.means(c, n, false), d.means(c, n, true), d.series(n, dice))
		}
	}
	return out
}

func (d *dataset) sample() output {
	return output{"rows of people", append([][]string{d.header}, d.rows[:min(len(d.rows), 400)]...), map[string]bool{"sdc.row_level": true}}
}

func asIs(n int) string { return strconv.Itoa(n) }
func rounded(n int) string {
	return strconv.Itoa((n + 2) / 5 * 5)
}
func redacted(n int) string {
	if n > 0 && n < few {
		return "[REDACTED]"
	}
	return rounded(n)
}
func redactedOnly(n int) string {
	if n > 0 && n < few {
		return "[REDACTED]"
	}
	return strconv.Itoa(n)
}

// judge fills in the truth about a table of counts as it is written.
func judge(cells [][]string, from int) map[string]bool {
	truth := map[string]bool{}
	counts, odd := 0, 0
	for _, r := range cells[1:] {
		for _, text := range r[from:] {
			n, err := strconv.Atoi(text)
			if err != nil || n == 0 {
				continue
			}
			counts++
			if n < few {
				truth["sdc.small_count"] = true
			}
			if n%5 != 0 {
				odd++
			}
		}
	}
	truth["sdc.unrounded"] = counts >= 6 && odd > 0
	return truth
}

func (d *dataset) table(kind string, a, b int, margins bool, write func(int) string) output {
	rows, columns, counts := d.cross(a, b)
	cells := [][]string{append([]string{d.header[a]}, columns...)}
	sums := make([]int, len(columns)+1)
	for i, r := range counts {
		line, total := []string{rows[i]}, 0
		for c, n := range r {
			line = append(line, write(n))
			total += n
			sums[c] += n
		}
		sums[len(columns)] += total
		if margins {
			line = append(line, asIs(total))
		}
		cells = append(cells, line)
	}
	if margins {
		cells[0] = append(cells[0], "All")
		last := []string{"All"}
		for _, n := range sums {
			last = append(last, asIs(n))
		}
		cells = append(cells, last)
	}
	o := output{kind, cells, judge(cells, 1)}
	if margins {
		o.truth["sdc.recoverable"] = single(cells)
	}
	return o
}

// single reports whether a row or a column has one redacted cell beside others.
func single(cells [][]string) bool {
	inner := cells[1 : len(cells)-1]
	width := len(cells[0]) - 2
	for _, r := range inner {
		if n := redactions(r[1 : 1+width]); n == 1 && width >= 2 {
			return true
		}
	}
	for c := 1; c <= width; c++ {
		var column []string
		for _, r := range inner {
			column = append(column, r[c])
		}
		if redactions(column) == 1 && len(column) >= 2 {
			return true
		}
	}
	return false
}

func redactions(cells []string) int {
	n := 0
	for _, c := range cells {
		if c == "[REDACTED]" {
			n++
		}
	}
	return n
}

func (d *dataset) frequencies(c int, dice *rand.Rand, write func(int) string) output {
	name := []string{"n", "count", "freq", "patients", "N", "number_of_people", "cases"}[dice.IntN(7)]
	cells := [][]string{{d.header[c], name}}
	for _, v := range d.values(c) {
		n := 0
		for _, r := range d.rows {
			if r[c] == v {
				n++
			}
		}
		cells = append(cells, []string{v, write(n)})
	}
	return output{"frequencies", cells, judge(cells, 1)}
}

func (d *dataset) shares(c int) output {
	o := d.frequencies(c, rand.New(rand.NewPCG(1, 1)), asIs)
	o.kind, o.truth = "percentages", nil
	o.cells[0][1] = "percent"
	for _, r := range o.cells[1:] {
		n, _ := strconv.Atoi(r[1])
		r[1] = fmt.Sprintf("%.1f", 100*float64(n)/float64(len(d.rows)))
	}
	return o
}

func (d *dataset) means(c, number int, withN bool) output {
	cells := [][]string{{d.header[c], "mean", "sd"}}
	small := false
	for _, v := range d.values(c) {
		n, sum, squares := 0, 0.0, 0.0
		for _, r := range d.rows {
			if x, err := strconv.ParseFloat(r[number], 64); err == nil && r[c] == v {
				n++
				sum += x
				squares += x * x
			}
		}
		if n == 0 {
			continue
		}
		line := []string{v, fmt.Sprintf("%.2f", sum/float64(n)), fmt.Sprintf("%.2f", squares/float64(n)-sum*sum/float64(n*n))}
		small = small || n < few
		if withN {
			line = append(line, strconv.Itoa(n))
		}
		cells = append(cells, line)
	}
	o := output{"means", cells, nil}
	if withN {
		cells[0] = append(cells[0], "n")
		o = output{"means with n", cells, judge(cells, 3)}
	}
	return o
}

func (d *dataset) series(number int, dice *rand.Rand) output {
	cells := [][]string{{"year", d.header[number]}}
	for year := 1990; year < 2020; year++ {
		cells = append(cells, []string{strconv.Itoa(year), d.rows[dice.IntN(len(d.rows))][number]})
	}
	return output{"series", cells, nil}
}

// score counts how often a rule was right.
type score struct{ right, wrong, missed int }

func (s score) precision() float64 { return float64(s.right) / float64(max(1, s.right+s.wrong)) }
func (s score) recall() float64    { return float64(s.right) / float64(max(1, s.right+s.missed)) }

var scored = []string{"sdc.small_count", "sdc.unrounded", "sdc.recoverable", "sdc.row_level"}

// measure inspects outputs and compares what is found for sure with the truth.
// Errors are given to tell.
func measure(t testing.TB, d *dataset, dice *rand.Rand, scores map[string]*score, tell func(o output, rule string, found bool)) (outputs, alarmed int) {
	acro, err := inspect.NewRuleSet(true, "acro-default", nil)
	require.NoError(t, err)
	for _, o := range d.outputs(dice) {
		var b bytes.Buffer
		require.NoError(t, csv.NewWriter(&b).WriteAll(o.cells))
		found := map[string]bool{}
		for _, j := range acro.Apply(report(t, "a.csv", b.Bytes())) {
			if j.Confidence == inspect.Sure {
				found[j.Rule] = true
			}
		}
		for _, rule := range scored {
			s := scores[rule]
			if s == nil {
				s = &score{}
				scores[rule] = s
			}
			switch {
			case found[rule] && o.truth[rule]:
				s.right++
			case found[rule] && (rule == "sdc.row_level" || !o.truth["sdc.row_level"]):
				s.wrong++
				tell(o, rule, true)
			case o.truth[rule]:
				s.missed++
				tell(o, rule, false)
			}
		}
		if len(o.truth) == 0 {
			outputs++
			if found["sdc.small_count"] || found["sdc.row_level"] || found["sdc.recoverable"] {
				alarmed++
			}
		}
	}
	return outputs, alarmed
}

// study makes up a data set.
func study(seed uint64) *dataset {
	dice := rand.New(rand.NewPCG(seed, 1))
	d := &dataset{name: fmt.Sprint("study ", seed), header: []string{"sex", "region", "smoker", "stage", "sbp", "bmi"}}
	for range 100 + dice.IntN(400) {
		d.rows = append(d.rows, []string{[]string{"F", "M"}[dice.IntN(2)], []string{"North", "East", "South", "West", "Isles"}[min(4, dice.IntN(14)/3)], []string{"yes", "no"}[min(1, dice.IntN(4))],
			strconv.Itoa(1 + dice.IntN(4)), fmt.Sprintf("%.1f", 100+40*dice.Float64()), fmt.Sprintf("%.2f", 20+15*dice.Float64())})
	}
	d.kinds()
	return d
}

// A small sample of what `make corpus-report` measures on public data.
func TestRulesKeepTheirPrecisionAndRecall(t *testing.T) {
	scores := map[string]*score{}
	clean, alarmed := 0, 0
	for seed := range uint64(40) {
		o, a := measure(t, study(seed), rand.New(rand.NewPCG(seed, 2)), scores, func(o output, rule string, found bool) {
			t.Logf("%s: %s found %v: %v", o.kind, rule, found, o.cells[:min(len(o.cells), 6)])
		})
		clean, alarmed = clean+o, alarmed+a
	}
	for _, rule := range scored {
		t.Logf("%s: precision %.3f, recall %.3f %v", rule, scores[rule].precision(), scores[rule].recall(), *scores[rule])
		require.GreaterOrEqual(t, scores[rule].precision(), 0.99, rule) // both are 1
		require.GreaterOrEqual(t, scores[rule].recall(), 0.99, rule)
	}
	require.LessOrEqual(t, float64(alarmed), 0.05*float64(clean))
}
