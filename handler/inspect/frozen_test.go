package inspect_test

import (
	"archive/tar"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/ulikunitz/xz"

	"example.org/airlock/handler/inspect"
)

// frozen are the files of the frozen sample by their names: what testdata/corpus/frozen.py makes, once.
func frozen(t testing.TB) map[string][]byte {
	packed, err := os.Open("testdata/frozen.tar.xz")
	require.NoError(t, err)
	defer packed.Close()
	whole, err := xz.NewReader(packed)
	require.NoError(t, err)
	out := map[string][]byte{}
	for members := tar.NewReader(whole); ; {
		m, err := members.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		out[m.Name], err = io.ReadAll(members)
		require.NoError(t, err)
	}
}

// frozenNumbers are the precision and recall of rules on the frozen sample where they are below 1. A change may not
// lower one by more than 0.01. One that raises a number writes it down here.
var frozenNumbers = map[string][2]float64{}

// holds compares the numbers of a sample with those that were written down.
func (s scores) holds(t *testing.T, rules ...string) {
	t.Helper()
	for _, rule := range rules {
		require.NotNil(t, s[rule], rule)
		require.Positive(t, s[rule].right+s[rule].missed, rule)
		want, ok := frozenNumbers[rule]
		if !ok {
			want = [2]float64{1, 1}
		}
		require.GreaterOrEqual(t, s[rule].precision(), want[0]-0.01, "precision of %s", rule)
		require.GreaterOrEqual(t, s[rule].recall(), want[1]-0.01, "recall of %s", rule)
	}
}

func TestFrozenDocumentsKeepTheirNumbers(t *testing.T) {
	sample := frozen(t)
	acro, err := inspect.NewRuleSet(true, "acro-default", nil)
	require.NoError(t, err)
	s, clean, alarmed, high, mistaken := scores{}, 0, 0, 0, 0
	all := labelsOf(t, sample["files.jsonl"])
	for _, l := range all {
		r := report(t, path.Base(l.File), sample[l.File])
		s.compare(l, r, func(rule string, found bool) { t.Logf("%s: %s found %v", l.File, rule, found) })
		if r.Type != l.Type {
			mistaken++
			t.Logf("%s is %s and taken for %s", l.File, l.Type, r.Type)
		}
		if l.Group != "clean" {
			continue
		}
		clean++
		alarms := alarmsOf(acro.Apply(r))
		if len(alarms) > 0 {
			alarmed++
			t.Logf("%s: %v", l.File, alarms)
		}
		if alarms[inspect.High] != "" {
			high++
		}
	}
	s.holds(t, "hidden.sheet", "hidden.pivot_cache", "hidden.embedded", "hidden.notebook_output", "hidden.pdf_attachment", "hidden.pdf_revision", "hidden.trailing", "hidden.comment", "hidden.text", "hidden.tracked_change")
	require.LessOrEqual(t, 100*mistaken, len(all), "types")
	require.LessOrEqual(t, 100*alarmed, 5*clean, "alarms on clean outputs")
	require.LessOrEqual(t, 100*high, clean, "high alarms on clean outputs")
}

func TestFrozenSecretsKeepTheirNumbers(t *testing.T) {
	s := scores{}
	for _, l := range labelsOf(t, frozen(t)["tokens.jsonl"]) {
		s.compare(l, report(t, l.File, []byte(l.Content)), func(rule string, found bool) { t.Logf("%s: %s found %v", l.Group, rule, found) })
	}
	s.holds(t, "secret.key", "secret.token")
}

// Each column is added to made-up rows, under each of its headers.
func TestFrozenColumnsKeepTheirNumbers(t *testing.T) {
	var columns []column
	require.NoError(t, json.Unmarshal(frozen(t)["people.json"], &columns))
	d, s := study(1), scores{}
	for _, c := range columns {
		for _, header := range c.Headers {
			cells := [][]string{append([]string{header}, d.header...)}
			for i, v := range c.Values {
				cells = append(cells, append([]string{v}, d.rows[i]...))
			}
			var b bytes.Buffer
			require.NoError(t, csv.NewWriter(&b).WriteAll(cells))
			truth := map[string]bool{}
			for _, rule := range byCheck {
				truth[rule] = rule == c.Rule
			}
			s.compare(labelled{Truth: truth}, report(t, "a.csv", b.Bytes()), func(rule string, found bool) { t.Logf("%s named %s: %s found %v", c.Name, header, rule, found) })
		}
	}
	s.holds(t, byCheck...)
}
