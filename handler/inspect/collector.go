package inspect

import (
	"cmp"
	"slices"
)

// maxFindings bounds the kinds of findings in one file.
const maxFindings = 300

// allPlaces bounds the places of all findings together: the state has to fit.
const allPlaces = 2000

// collector gathers findings. It is part of the state.
type collector struct {
	Findings []Finding `json:"findings,omitempty"`
	Places   int       `json:"places,omitempty"` // of all findings
}

// note adds one finding. Kinds beyond maxFindings are counted with the rule's first
// finding.
func (c *collector) note(f Finding, at Place) {
	f.Severity = severityOf(f.Rule)
	if f.Confidence == "" {
		f.Confidence = Sure
	}
	if f.Count == 0 {
		f.Count = 1
	}
	i := slices.IndexFunc(c.Findings, func(g Finding) bool {
		return g.Rule == f.Rule && g.Confidence == f.Confidence && g.Bucket == f.Bucket && g.Against == f.Against && g.Shape == f.Shape
	})
	if i < 0 && len(c.Findings) >= maxFindings {
		i = slices.IndexFunc(c.Findings, func(g Finding) bool { return g.Rule == f.Rule })
		if i < 0 {
			return // the first ones are more than anybody reads
		}
	}
	if i < 0 {
		f.Places = []Place{at}
		c.Places++
		c.Findings = append(c.Findings, f)
		return
	}
	g := &c.Findings[i]
	g.Count += f.Count
	g.Facts = g.Facts.plus(f.Facts)
	if len(g.Places) < MaxPlaces && c.Places < allPlaces {
		g.Places = append(g.Places, at)
		c.Places++
	}
}

// tell adds facts to what a rule has found for sure.
func (c *collector) tell(rule string, facts Facts) {
	i := slices.IndexFunc(c.Findings, func(g Finding) bool { return g.Rule == rule && g.Confidence == Sure && g.Bucket == "" && g.Shape == "" })
	if i >= 0 {
		c.Findings[i].Facts = c.Findings[i].Facts.plus(facts)
	}
}

// has reports whether a rule found anything.
func (c *collector) has(rule string) bool {
	return slices.ContainsFunc(c.Findings, func(f Finding) bool { return f.Rule == rule })
}

// drop takes back what rules found.
func (c *collector) drop(rules ...string) {
	c.Findings = slices.DeleteFunc(c.Findings, func(f Finding) bool { return slices.Contains(rules, f.Rule) })
}

// sorted returns the findings in the order of reports.
func (c *collector) sorted() []Finding {
	out := slices.Clone(c.Findings)
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Bucket, b.Bucket), cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.Against, b.Against), cmp.Compare(a.Shape, b.Shape))
	})
	if out == nil {
		out = []Finding{}
	}
	return out
}
