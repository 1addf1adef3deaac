package inspect_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// labelled is a file with what is true of it, one line of a file of labels.
type labelled struct {
	File  string          `json:"file"`
	Group string          `json:"group"` // the data set or document that it comes from
	Truth map[string]bool `json:"truth"` // by rule; a rule that is not named has no known truth
	// Content is the file itself where it is short, "" for one in a folder.
	Content string `json:"content"`
	Type    string `json:"type"` // "" where it is not known
}

// labelsOf reads a file of labels.
func labelsOf(t testing.TB, lines []byte) (out []labelled) {
	for line := range bytes.Lines(lines) {
		var l labelled
		require.NoError(t, json.Unmarshal(line, &l))
		out = append(out, l)
	}
	return out
}

// scores are those of the rules, and names of the files that went wrong.
type scores map[string]*score

func (s scores) of(rule string) *score {
	if s[rule] == nil {
		s[rule] = &score{}
	}
	return s[rule]
}

// compare counts what is found for sure in a file against its truth.
func (s scores) compare(l labelled, r inspect.Report, tell func(rule string, found bool)) {
	found := surelyFound(r)
	for rule, is := range l.Truth {
		score := s.of(rule)
		switch {
		case found[rule] && is:
			score.right++
		case found[rule]:
			score.wrong++
			tell(rule, true)
		case is:
			score.missed++
			tell(rule, false)
		}
	}
}

// surelyFound are the rules that surely found something.
func surelyFound(r inspect.Report) map[string]bool {
	rules := map[string]bool{}
	for _, f := range r.Findings {
		if f.Confidence == inspect.Sure {
			rules[f.Rule] = true
		}
	}
	return rules
}

func (s scores) String() string {
	var b strings.Builder
	for _, rule := range slices.Sorted(maps.Keys(s)) {
		score := s[rule]
		if score.right+score.wrong+score.missed == 0 {
			continue // nothing to find, and nothing found
		}
		fmt.Fprintf(&b, "  %-24s precision %.3f  recall %.3f  (%d right, %d wrong, %d missed)\n", rule, score.precision(), score.recall(), score.right, score.wrong, score.missed)
	}
	return b.String()
}

// alarmsOf are the rules that ask something of people, by severity.
func alarmsOf(judged []inspect.Judged) map[inspect.Severity]string {
	out := map[inspect.Severity]string{}
	for _, j := range judged {
		if j.Action != inspect.ActNote {
			out[j.Severity] = strings.TrimSpace(out[j.Severity] + " " + j.Rule)
		}
	}
	return out
}

// column is a column of made-up people, or of numbers that are nobody's (testdata/corpus/people.py).
type column struct {
	Name    string   `json:"name"`
	Rule    string   `json:"rule"` // "" where it is nobody's
	Headers []string `json:"headers"`
	Values  []string `json:"values"`
}

// byCheck are the rules that a check digit, or a grammar as strict, is behind.
var byCheck = []string{"pii.nhs_number", "pii.chi_number", "pii.iban", "pii.card", "pii.nino", "pii.national_id", "pii.email", "pii.postcode_full"}
