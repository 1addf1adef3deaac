package inspect

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Facts say how much of what a finding is about, e.g. rows and columns. Their kinds are factKinds,
// so that no text of a file can be one.
type Facts map[string]int64

// factKinds are in the order in which people read them.
var factKinds = []string{
	"tables", "data frames", "matrices", "rows", "columns", "row groups", "column statistics", "metadata texts",
	"models", "plots", "environments", "functions", "promises", "compiled functions", "external pointers", "values", "texts", "samples",
}

// String lists the facts: "data frames: 2, rows: 120, columns: 5".
func (f Facts) String() string {
	var parts []string
	for _, kind := range factKinds {
		if f[kind] > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", kind, f[kind]))
		}
	}
	return strings.Join(parts, ", ")
}

// plausible reports whether the facts can be ones of this package.
func (f Facts) plausible() bool {
	for kind, n := range f {
		if n < 0 || !slices.Contains(factKinds, kind) {
			return false
		}
	}
	return true
}

// plus are the facts of both, e.g. of two members of an archive. It changes neither.
func (f Facts) plus(g Facts) Facts {
	if len(g) == 0 {
		return f
	}
	out := maps.Clone(g)
	for kind, n := range f {
		out.add(kind, n)
	}
	return out
}

// mostOfFact is what a fact stays at: a file may claim any number again and again, and a sum that
// turns negative would make nothing of the report.
const mostOfFact = 1 << 53

// add adds to a fact.
func (f Facts) add(kind string, n int64) {
	f[kind] = min(mostOfFact, min(mostOfFact, f[kind])+min(mostOfFact, n))
}
