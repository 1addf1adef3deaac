package airlock_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func with(change func(p *airlock.Policy)) airlock.Policy {
	p := airlock.DefaultPolicy()
	change(&p)
	return p
}

func number[T any](n T) *T { return &n }

func TestTheHighestEscalationThatFitsCounts(t *testing.T) {
	r := airlock.Request{Type: airlock.Export, CreatedBy: airlock.Principal{Roles: []airlock.Role{airlock.RoleResearcher}},
		Files: []airlock.File{{Name: "a.RDS", Size: 60}, {Name: "b.csv", Size: 50}}, Gates: []airlock.GateRun{{Counts: airlock.GateCounts{Medium: 1}}}}
	when := func(approvals int, why string, c airlock.EscalationCase) airlock.Escalation {
		return airlock.Escalation{When: c, Approvals: approvals, Why: why}
	}
	for name, tt := range map[string]struct {
		more []airlock.Escalation
		want int
		why  []string
	}{
		"nothing asks for more":       {nil, 0, nil},
		"as many as the policy":       {[]airlock.Escalation{when(1, "x", airlock.EscalationCase{})}, 0, nil},
		"all files together":          {[]airlock.Escalation{when(2, "big", airlock.EscalationCase{TotalBytesOver: number(int64(109))})}, 2, []string{"big"}},
		"not over, only at":           {[]airlock.Escalation{when(2, "big", airlock.EscalationCase{TotalBytesOver: number(int64(110))})}, 0, nil},
		"an extension in any case":    {[]airlock.Escalation{when(3, "objects", airlock.EscalationCase{AnyExtension: []string{".rds"}})}, 3, []string{"objects"}},
		"another direction":           {[]airlock.Escalation{when(3, "x", airlock.EscalationCase{Type: airlock.Import})}, 0, nil},
		"the number of files":         {[]airlock.Escalation{when(2, "many", airlock.EscalationCase{FilesOver: number(1)})}, 2, []string{"many"}},
		"the requestor's role":        {[]airlock.Escalation{when(2, "x", airlock.EscalationCase{RequestorRole: airlock.RoleManager})}, 0, nil},
		"what a gate found":           {[]airlock.Escalation{when(2, "grave", airlock.EscalationCase{Findings: "medium"})}, 2, []string{"grave"}},
		"nothing so grave":            {[]airlock.Escalation{when(2, "grave", airlock.EscalationCase{Findings: "high"})}, 0, nil},
		"the highest":                 {[]airlock.Escalation{when(2, "a", airlock.EscalationCase{}), when(4, "b", airlock.EscalationCase{}), when(3, "c", airlock.EscalationCase{})}, 4, []string{"b"}},
		"two reasons for one number":  {[]airlock.Escalation{when(2, "a", airlock.EscalationCase{}), when(2, "b", airlock.EscalationCase{}), when(2, "a", airlock.EscalationCase{})}, 2, []string{"a", "b"}},
		"one of its conditions fails": {[]airlock.Escalation{when(2, "a", airlock.EscalationCase{FilesOver: number(1), Type: airlock.Import})}, 0, nil},
	} {
		p := with(func(p *airlock.Policy) { p.Review.More = tt.more })
		require.Empty(t, p.Check(), name)
		rule := r.NewReviewRule(p)
		assert.Equal(t, tt.want, rule.Required, name)
		assert.Equal(t, tt.why, rule.Why, name)
	}
}

// The chain's head decides, and nothing that a requestor says.
func TestNobodySteersTheSecondLook(t *testing.T) {
	p := with(func(p *airlock.Policy) { p.Review.SecondLookPercent = 20 })
	drawn := 0
	for i := range 2000 {
		r := airlock.Request{Type: airlock.Import, Title: "same", Chain: airlock.ChainHead{Hash: fmt.Sprint(i)}}
		again := r
		again.Title, again.Files = "another", []airlock.File{{Name: "x"}}
		require.Equal(t, r.NewReviewRule(p), again.NewReviewRule(p))
		if r.NewReviewRule(p).Required == 2 {
			drawn++
		}
	}
	assert.InDelta(t, 400, drawn, 80)
	assert.Zero(t, airlock.Request{}.NewReviewRule(airlock.DefaultPolicy()).Required)
}

func TestWrongEscalationsAreRefused(t *testing.T) {
	for name, e := range map[string]airlock.Escalation{
		"no approvals": {Why: "x"},
		"too many":     {Approvals: 11, Why: "x"},
		"no reason":    {Approvals: 2},
		"two lines":    {Approvals: 2, Why: "a\nb"},
		"no direction": {Approvals: 2, Why: "x", When: airlock.EscalationCase{Type: "out"}},
		"no role":      {Approvals: 2, Why: "x", When: airlock.EscalationCase{RequestorRole: "Boss"}},
		"no severity":  {Approvals: 2, Why: "x", When: airlock.EscalationCase{Findings: "low"}},
		"no dot":       {Approvals: 2, Why: "x", When: airlock.EscalationCase{AnyExtension: []string{"csv"}}},
	} {
		assert.NotEmpty(t, with(func(p *airlock.Policy) { p.Review.More = []airlock.Escalation{e} }).Check(), name)
	}
}
