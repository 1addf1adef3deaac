package inspect

import (
	"path"
	"strings"
)

// acroRecords looks at the records of a session of ACRO (AI-SDC/ACRO, written by
// finalise): they are claims, shown to reviewers, and no reason to skip a rule.
func acroRecords(in *input, root *jsonNode) {
	switch strings.ToLower(path.Base(in.name)) {
	case "results.json":
		acroResults(in, root)
	case "config.json":
		acroAppetite(in, root)
	}
}

func acroResults(in *input, root *jsonNode) {
	results := root.get("results")
	if results == nil || root.get("version") == nil || results.kind != '{' && results.kind != '[' {
		return
	}
	records := 0
	for _, record := range results.items {
		status, kind := record.get("status"), record.get("type")
		if status == nil || kind == nil || record.get("outcome") == nil {
			continue
		}
		records++
		at := in.at(Place{Part: records, Line: record.line, Offset: record.at, Length: 1})
		switch strings.ToLower(status.text) {
		case "fail":
			in.found.note(Finding{Rule: "acro.fail"}, at)
		case "review":
			if kind.text == "custom" {
				in.found.note(Finding{Rule: "acro.custom"}, at)
			}
		}
	}
	if records > 0 {
		in.note("acro.session")
		in.note("acro.discloses") // summaries of histograms hold the smallest and the largest value
	}
}

// acroAppetite compares the thresholds of a session with ACRO's default ones.
func acroAppetite(in *input, root *jsonNode) {
	if root.get("safe_threshold") == nil {
		return
	}
	for key, least := range map[string]float64{"safe_threshold": 10, "safe_dof_threshold": 10, "safe_nk_n": 2, "safe_pratio_p": 0.1, "survival_safe_threshold": 10} {
		v := root.get(key)
		if v == nil {
			continue
		}
		if n, ok := numberOf(v.text); ok && n < least {
			in.note("acro.appetite")
			return
		}
	}
}
