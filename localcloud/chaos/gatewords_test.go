package chaos

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// told makes a trail of one export with a required content gate out of its gate's records.
func told(between ...record) []record {
	return append([]record{{Seq: 1, Action: "submit", Detail: map[string]string{"gates": "content content required block, dlp external advisory"}}}, between...)
}

func does(action, actor string, detail ...string) record {
	r := record{Seq: 9, Action: action, Detail: map[string]string{}}
	r.Actor.ID = actor
	for i := 0; i < len(detail); i += 2 {
		r.Detail[detail[i]] = detail[i+1]
	}
	return r
}

// Trails that the service must never write: an inquest that does not see them proves nothing.
func TestTheInquestReadsWhatGatesSaid(t *testing.T) {
	digest := digestOf(record{})
	found := does("gate_verdict", "", "gate", "content", "outcome", "findings", "digest", digest, "review", "2")
	passes, approves := does("gates_passed", ""), does("approve", "mia")
	for name, c := range map[string]struct {
		records []record
		says    string
	}{
		"as it should be":                {told(found, passes, does("findings_acknowledged", "mia", "groups", "2"), approves), ""},
		"an advisory gate's groups":      {told(found, does("gate_verdict", "", "gate", "dlp", "outcome", "findings", "digest", digest, "review", "0"), passes, does("findings_acknowledged", "mia", "groups", "2"), approves), ""},
		"no word":                        {told(passes), "the gate content has not let it on"},
		"blocked":                        {told(does("gate_verdict", "", "gate", "content", "outcome", "blocked", "digest", digest), passes), "has not let it on"},
		"inconclusive":                   {told(does("gate_inconclusive", "", "gate", "content", "digest", digest), passes), "has not let it on"},
		"about other bytes":              {told(does("gate_verdict", "", "gate", "content", "outcome", "passed", "digest", "sha256:0"), passes), "has not let it on"},
		"a word that counts for nothing": {told(does("gate_verdict", "", "gate", "content", "outcome", "passed", "digest", digest, "bytes", "other"), passes), "has not let it on"},
		"of the turn before":             {append(told(found), told(passes)...), "has not let it on"},
		"approved unseen":                {told(found, passes, approves), `acknowledges "" of 2 groups`},
		"acknowledged by another":        {told(found, passes, does("findings_acknowledged", "bob", "groups", "2"), approves), `acknowledges "" of 2 groups`},
		"half acknowledged":              {told(found, passes, does("findings_acknowledged", "mia", "groups", "1"), approves), `acknowledges "1" of 2 groups`},
	} {
		_, problems := judgeGates(c.records)
		if c.says == "" {
			require.Empty(t, problems, name)
			continue
		}
		require.Contains(t, strings.Join(problems, "\n"), c.says, name)
	}
}
