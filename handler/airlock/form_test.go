package airlock_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

var form = airlock.Form{
	{Name: "context", Label: "Context", Kind: airlock.LongTextField, Required: true},
	{Name: "tool", Label: "Tool", Kind: airlock.ChoiceField, Options: []string{"R", "Stata"}},
	{Name: "controls", Label: "Controls", Kind: airlock.ChoicesField, Options: []string{"rounding", "suppression"}, Max: 1},
	{Name: "smallest", Label: "Smallest", Kind: airlock.NumberField, Max: 100},
	{Name: "until", Label: "Until", Kind: airlock.DateField},
	{Name: "people", Label: "People", Kind: airlock.YesNoField, Required: true},
	{Name: "note", Label: "Note", Kind: airlock.TextField, Max: 5},
}

func rules(v []airlock.Violation) (out []string) {
	for _, violation := range v {
		out = append(out, violation.Rule+" "+violation.Member)
	}
	return out
}

func TestAnswersAreHeldAgainstTheForm(t *testing.T) {
	require.Empty(t, form.Check("policy.form.export"))
	for text, want := range map[string][]string{
		`{}`:                               {"answer_missing answers.context", "answer_missing answers.people"},
		`{"context":"","people":null}`:     {"answer_missing answers.context", "answer_missing answers.people"},
		`{"context":"c","people":false}`:   nil,
		`{"context":"c","people":"false"}`: {"bad_answer answers.people"},
		`{"context":["c"],"people":true}`:  {"bad_answer answers.context"},
		`{"context":"c","people":true,"tool":"SPSS","controls":["rounding","suppression"],"smallest":101,"until":"31.1.2026","note":"sixsix"}`: {
			"bad_answer answers.controls", "bad_answer answers.note", "bad_answer answers.smallest", "bad_answer answers.tool", "bad_answer answers.until"},
		`{"context":"c","people":true,"tool":"R","controls":["rounding"],"smallest":10,"until":"2026-01-31","note":"sixsi"}`: nil,
		`{"context":"c","people":true,"controls":["rounding","rounding"]}`:                                                   {"bad_answer answers.controls"},
		`{"context":"c","people":true,"controls":"rounding","smallest":"1","until":20260131,"tool":1}`: {
			"bad_answer answers.controls", "bad_answer answers.smallest", "bad_answer answers.tool", "bad_answer answers.until"},
		`{"context":"c","people":true,"Note":"x"}`:                                   {"unknown_answer answers"},
		`{"people":true,"context":"` + strings.Repeat("ä", 4001) + `"}`:              {"bad_answer answers.context"},
		`{"people":true,"context":"` + strings.Repeat("ä", 4000) + `"}`:              nil,
		`{"people":true,"context":"c","until":"2026-02-30"}`:                         {"bad_answer answers.until"},
		`{"people":true,"context":"c","controls":[],"tool":"","until":"","note":""}`: nil,
	} {
		var answers airlock.Answers
		require.NoError(t, json.Unmarshal([]byte(text), &answers))
		require.Equal(t, want, rules(form.CheckAnswers(answers, true)), text)
	}
	require.Empty(t, form.CheckAnswers(nil, false), "while a draft is edited, answers may be missing")
	require.Equal(t, []string{"unknown_answer answers"}, rules(airlock.Form{}.CheckAnswers(airlock.Answers{"a": "b"}, false)))
}

func TestAnswersTogetherFitIntoTheRow(t *testing.T) {
	long := airlock.Form{}
	answers := airlock.Answers{}
	for _, name := range strings.Split("abcdef", "") {
		long = append(long, airlock.Field{Name: name, Label: name, Kind: airlock.LongTextField})
		answers[name] = strings.Repeat("x", 4000)
	}
	require.Equal(t, []string{"answers_too_long answers"}, rules(long.CheckAnswers(answers, true)))
}

func TestFormsAreChecked(t *testing.T) {
	field := airlock.Field{Name: "a", Label: "A", Kind: airlock.TextField}
	damaged := func(change func(*airlock.Field)) airlock.Form {
		f := field
		change(&f)
		return airlock.Form{f}
	}
	for what, bad := range map[string]airlock.Form{
		"name":            damaged(func(f *airlock.Field) { f.Name = "A b" }),
		"twice":           {field, field},
		"kind":            damaged(func(f *airlock.Field) { f.Kind = "file" }),
		"no label":        damaged(func(f *airlock.Field) { f.Label = "" }),
		"long label":      damaged(func(f *airlock.Field) { f.Label = strings.Repeat("x", 201) }),
		"long help":       damaged(func(f *airlock.Field) { f.Help = strings.Repeat("x", 1001) }),
		"options of text": damaged(func(f *airlock.Field) { f.Options = []string{"a"} }),
		"no options":      damaged(func(f *airlock.Field) { f.Kind = airlock.ChoiceField }),
		"same options":    damaged(func(f *airlock.Field) { f.Kind, f.Options = airlock.ChoiceField, []string{"a", "a"} }),
		"empty option":    damaged(func(f *airlock.Field) { f.Kind, f.Options = airlock.ChoicesField, []string{""} }),
		"many options": damaged(func(f *airlock.Field) {
			f.Kind, f.Options = airlock.ChoiceField, strings.Split(strings.Repeat("a,", 50)+"b", ",")
		}),
		"negative":    damaged(func(f *airlock.Field) { f.Max = -1 }),
		"many fields": make(airlock.Form, 41),
	} {
		require.NotEmpty(t, bad.Check("policy.form.export"), what)
	}
	require.Empty(t, airlock.DefaultExportForm().Check("default"))
	require.Empty(t, airlock.DefaultExportForm().CheckAnswers(nil, true), "clients that do not know forms can submit")
}
