package airlock_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/airlock/handler/airlock"
)

var letters = map[byte]airlock.Decision{'A': airlock.DecisionApproved, 'R': airlock.DecisionRejected, 'C': airlock.DecisionChanges}

// opinions reads one decision a person, e.g. "AAR".
func opinions(decisions string) []airlock.Opinion {
	out := make([]airlock.Opinion, len(decisions))
	for i := range out {
		out[i] = airlock.Opinion{By: airlock.UserID(fmt.Sprint("r", i)), Decision: letters[decisions[i]]}
	}
	return out
}

// combinations are all multisets of up to n decisions, each sorted.
func combinations(n int) (out []string) {
	for a := range n + 1 {
		for c := range n + 1 - a {
			for r := range n + 1 - a - c {
				out = append(out, strings.Repeat("A", a)+strings.Repeat("C", c)+strings.Repeat("R", r))
			}
		}
	}
	return out
}

func shortEnd(t airlock.Tally) string {
	switch {
	case t.End != "":
		return strings.ToUpper(string(t.End)[:1])
	case t.Disagree:
		return "disagree"
	}
	return "wait"
}

// The table has every combination of up to four reviewers, written in sentences
// that say the same another way.
func TestEveryCombinationOfDecisions(t *testing.T) {
	for _, required := range []int{1, 2, 3} {
		for _, decisions := range combinations(4) {
			a, c, r := strings.Count(decisions, "A"), strings.Count(decisions, "C"), strings.Count(decisions, "R")
			n := a + c + r
			open := "wait"
			switch {
			case r > 0:
				open = "R"
			case c > 0:
				open = "C"
			case a >= required:
				open = "A"
			}
			require.Equal(t, open, shortEnd(airlock.ReviewRule{Required: required}.Count(opinions(decisions), files)), "open %d %s", required, decisions)

			for _, way := range []airlock.OnDisagreement{airlock.Strictest, airlock.Discuss, airlock.ThirdReviewer} {
				want := "wait"
				agree := n == a || n == c || n == r
				switch {
				case n < required:
				case n == required && agree, agree && way != airlock.ThirdReviewer:
					want = decisions[:1]
				case way == airlock.Discuss:
					want = "disagree"
				case way == airlock.Strictest:
					want = open
				case n == required:
					want = "disagree"
				case 2*a > n:
					want = "A"
				case 2*r > n:
					want = "R"
				default:
					want = "C"
				}
				rule := airlock.ReviewRule{Required: required, Independent: true, OnDisagreement: way}
				got := rule.Count(opinions(decisions), files)
				require.Equal(t, want, shortEnd(got), "%s %d %s", way, required, decisions)
				require.Equal(t, got.End == "" && (way != airlock.Discuss || n < required), got.Blind, "%s %d %s", way, required, decisions)
				require.Equal(t, n, got.Decided)
			}
		}
	}
}

var files = []string{"a.csv", "b.csv", "c.csv"}

func TestNoOrderOfTheSameDecisionsGivesAnotherEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := airlock.ReviewRule{Required: rapid.IntRange(1, 4).Draw(t, "required"), Independent: rapid.Bool().Draw(t, "independent"),
			OnDisagreement: rapid.SampledFrom([]airlock.OnDisagreement{airlock.Strictest, airlock.Discuss, airlock.ThirdReviewer}).Draw(t, "way")}
		given := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) airlock.Opinion {
			return airlock.Opinion{Decision: rapid.SampledFrom([]airlock.Decision{airlock.DecisionApproved, airlock.DecisionChanges, airlock.DecisionRejected}).Draw(t, "decision"),
				Withheld: rapid.SliceOfNDistinct(rapid.SampledFrom(files), 0, 3, rapid.ID[string]).Draw(t, "withheld")}
		}), 0, 5).Draw(t, "opinions")
		for i := range given {
			given[i].By = airlock.UserID(fmt.Sprint("r", i))
		}
		require.Equal(t, rule.Count(given, files), rule.Count(rapid.Permutation(given).Draw(t, "order"), files))
	})
}

func TestAFileIsReleasedIfEveryCountedApprovalIncludesIt(t *testing.T) {
	rule := airlock.ReviewRule{Required: 2}
	given := opinions("AA")
	given[0].Withheld, given[1].Withheld = []string{"b.csv"}, []string{"a.csv", "b.csv"}
	got := rule.Count(given, files)
	require.Equal(t, airlock.DecisionApproved, got.End)
	require.Equal(t, []string{"a.csv", "b.csv"}, got.Withheld)
	given[0].Withheld = []string{"c.csv"}
	require.Equal(t, airlock.DecisionChanges, rule.Count(given, files).End, "together they release nothing, which nobody decided")
	majority := airlock.ReviewRule{Required: 2, Independent: true, OnDisagreement: airlock.ThirdReviewer}
	given = opinions("AAR")
	given[2].Withheld = []string{"a.csv"}
	got = majority.Count(given, files)
	require.Equal(t, airlock.DecisionApproved, got.End)
	require.Empty(t, got.Withheld, "only approvals count for it")
}

// Independent reviewers whose decisions come one by one end the review the same
// way in every order, also where a third one is asked.
func TestTheThirdReviewerDecidesTheSameInEveryOrder(t *testing.T) {
	rule := airlock.ReviewRule{Required: 2, Independent: true, OnDisagreement: airlock.ThirdReviewer}
	for _, decisions := range combinations(3) {
		if len(decisions) != 3 {
			continue
		}
		ends := map[string]bool{}
		permutations([]byte(decisions), func(order []byte) {
			for n := 1; n <= 3; n++ {
				if got := rule.Count(opinions(string(order[:n])), files); got.End != "" {
					ends[shortEnd(got)] = true
					return
				}
			}
			t.Fatalf("%s does not end", order)
		})
		require.Len(t, ends, 1, decisions)
	}
}

func permutations(b []byte, do func([]byte)) {
	if len(b) < 2 {
		do(b)
		return
	}
	for i := range b {
		rest := slices.Delete(slices.Clone(b), i, i+1)
		permutations(rest, func(p []byte) { do(append([]byte{b[i]}, p...)) })
	}
}
