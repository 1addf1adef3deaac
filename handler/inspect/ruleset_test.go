package inspect_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

func TestPresetsAreMadeOfKnownRules(t *testing.T) {
	require.NotEmpty(t, inspect.Presets())
	for _, p := range inspect.Presets() {
		_, err := inspect.NewRuleSet(true, p.Name, nil)
		require.NoError(t, err)
		require.Regexp(t, `^\d{4}-\d{2}-\d{2}$`, p.Read)
	}
	for _, r := range inspect.Rules() {
		require.NotEmpty(t, r.Title, r.ID)
		require.NotEmpty(t, r.Advice, r.ID)
		require.Contains(t, inspect.Severities(), r.Severity, r.ID)
		require.Contains(t, inspect.Actions(), r.Import, r.ID)
		require.Contains(t, inspect.Actions(), r.Export, r.ID)
	}
}

func TestARuleSetJudges(t *testing.T) {
	few := func(bucket string) inspect.Finding {
		return inspect.Finding{Rule: "sdc.small_count", Confidence: inspect.Sure, Bucket: bucket}
	}
	acro, err := inspect.NewRuleSet(true, "acro-default", nil)
	require.NoError(t, err)
	gel, err := inspect.NewRuleSet(true, "gel", map[string]inspect.Setting{"hidden.sheet": {Action: inspect.ActBlock}})
	require.NoError(t, err)
	require.Equal(t, inspect.ActReturn, acro.Judge(few("8-9")))
	require.Equal(t, inspect.Action(""), gel.Judge(few("8-9")), "not small here")
	require.Equal(t, inspect.ActReturn, gel.Judge(few("3-4")))
	require.Equal(t, inspect.ActBlock, gel.Judge(inspect.Finding{Rule: "hidden.sheet"}))
	require.Equal(t, inspect.ActNote, gel.Judge(inspect.Finding{Rule: "hidden.sheet", Confidence: inspect.Doubtful}))
	require.Equal(t, inspect.ActReview, gel.Judge(inspect.Finding{Rule: "of.tomorrow"}), "a person looks at what we do not know")
	judged := gel.Apply(inspect.Report{Findings: []inspect.Finding{few("8-9"), few("1-2")}})
	require.Equal(t, []inspect.Judged{{Finding: few("1-2"), Action: inspect.ActReturn}}, judged)
	pictures, err := inspect.NewRuleSet(true, "opensafely", nil)
	require.NoError(t, err)
	require.Empty(t, pictures.Apply(inspect.Report{Type: "png"}))
	require.Equal(t, inspect.ActReturn, pictures.Apply(inspect.Report{Type: "xlsx"})[0].Action)
	require.Empty(t, acro.Apply(inspect.Report{Type: "xlsx"}))
	require.NotEqual(t, acro.Hash(), gel.Hash())
	again, err := inspect.NewRuleSet(true, "acro-default", map[string]inspect.Setting{})
	require.NoError(t, err)
	require.Equal(t, acro.Hash(), again.Hash())
}

func TestWhatARuleSetDoesNotKnowIsRefused(t *testing.T) {
	for _, own := range []map[string]inspect.Setting{
		{"sdc.unknown": {Action: inspect.ActNote}}, {"sdc.small_count": {Action: "shout"}}, {"hidden.sheet": {Threshold: 3}}, {"sdc.small_count": {Threshold: 1001}}, {"sdc.small_count": {Threshold: -1}},
	} {
		_, err := inspect.NewRuleSet(true, "", own)
		require.Error(t, err)
	}
	_, err := inspect.NewRuleSet(true, "best", nil)
	require.ErrorContains(t, err, "best")
}
