package main

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Records that gates add to the fixture of a release: the first one begins a turn with
// three gates, the others come before the gates were passed, and before Bob approved.
const planOfThree = "content content required block, dlp external required review, lens external advisory"

func gateRecord(action audit.Action, kind string, detail map[string]string) audit.Record {
	return audit.Record{Actor: audit.Actor{Kind: kind, ID: "engine", Component: "gate"}, Action: action, From: airlock.Submitted, To: airlock.Submitted, Detail: detail}
}

func verdict(gate, kind, digest, outcome, review string) audit.Record {
	return gateRecord(audit.GateVerdict, kind, map[string]string{"gate": gate, "digest": digest, "outcome": outcome, "review": review})
}

// acknowledged is Bob's word that he saw findings.
func acknowledged(groups string) audit.Record {
	return audit.Record{Actor: audit.Actor{Kind: audit.Person, ID: "bob", Name: "Bob"}, Action: audit.FindingsAcknowledged, From: airlock.InReview, To: airlock.InReview,
		Detail: map[string]string{"groups": groups, "sha256": "ab"}}
}

// throughGates is the evidence of a release whose policy named gates: plan is what submit
// says of them, words come before the gates were passed, seen before Bob approved.
func throughGates(t *testing.T, plan string, words func(digest string) []audit.Record, seen ...audit.Record) (code int, out string) {
	t.Helper()
	f := newFolder(t)
	passes, approves := f.trail.find(t, "gates_passed"), f.trail.find(t, "approve")
	old := f.trail
	f.trail.Head, f.trail.Records = airlock.ChainHead{}, nil
	for _, stored := range old.Records {
		rec := recordOf(t, stored)
		switch {
		case rec.Action == "submit" && plan != "":
			rec.Detail = map[string]string{"gates": plan}
		case stored.Seq == passes:
			for _, word := range words(f.request.ContentDigest()) {
				f.trail.add(t, word)
			}
		case stored.Seq == approves:
			for _, word := range seen {
				f.trail.add(t, word)
			}
		}
		if rec.Action == "receipt_stored" {
			f.request.Chain = f.trail.Head
		}
		f.trail.add(t, rec)
	}
	f.seal(t)
	return verify(saveAll(t, f.documents(t)), "--keys", setFile(t, serviceKey))
}

func TestAReleaseThroughGates(t *testing.T) {
	code, out := throughGates(t, planOfThree, func(digest string) []audit.Record {
		return []audit.Record{
			verdict("content", "system", "sha256:of an earlier copy", "passed", "0"),
			verdict("content", "system", digest, "findings", "2"),
			verdict("dlp", "application", digest, "findings", "1"),
			verdict("lens", "application", digest, "findings", "0"),
			gateRecord(audit.GateVerdict, "application", map[string]string{"gate": "dlp", "digest": digest, "outcome": "blocked", "bytes": "other"}),
		}
	}, acknowledged("3"))
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "gates passed (content, dlp for their content), then 1 approval")
}

// The service signs the word of its rows. A release that its own trail does not bear out is none.
func TestAReleaseThatItsGatesDidNotLetOn(t *testing.T) {
	both := func(digest string) []audit.Record {
		return []audit.Record{verdict("content", "system", digest, "findings", "2"), verdict("dlp", "application", digest, "passed", "0")}
	}
	inconclusive := func(gate, digest string) audit.Record {
		return gateRecord(audit.GateInconclusive, "system", map[string]string{"gate": gate, "digest": digest})
	}
	tests := map[string]struct {
		plan  string
		words func(digest string) []audit.Record
		seen  []audit.Record
		want  string // "" = it is verified
	}{
		"as it has to be":      {planOfThree, both, []audit.Record{acknowledged("2")}, ""},
		"acknowledged anew":    {planOfThree, both, []audit.Record{acknowledged("1"), acknowledged("2")}, ""},
		"nobody acknowledged":  {planOfThree, both, nil, "Bob approved, and acknowledged findings in 0 of 2 groups"},
		"not all acknowledged": {planOfThree, both, []audit.Record{acknowledged("1")}, "Bob approved, and acknowledged findings in 1 of 2 groups"},
		"another reviewer acknowledged": {planOfThree, both, []audit.Record{func() audit.Record {
			rec := acknowledged("2")
			rec.Actor.ID = "cleo"
			return rec
		}()}, "acknowledged findings in 0 of 2 groups"},
		"acknowledged before the gates were passed": {planOfThree, func(digest string) []audit.Record {
			rec := acknowledged("2")
			rec.From, rec.To = airlock.Submitted, airlock.Submitted
			return append(both(digest), rec)
		}, nil, "which findings were acknowledged in review"},
		"a verdict about other bytes": {planOfThree, func(digest string) []audit.Record {
			return append(both(digest), verdict("content", "system", "sha256:of other bytes", "passed", "0"))
		}, nil, "the gate content spoke about other bytes"},
		"a gate that is missing": {planOfThree, func(digest string) []audit.Record { return both(digest)[:1] }, nil, "the gate dlp did not speak"},
		"a gate that blocks": {planOfThree, func(digest string) []audit.Record {
			return append(both(digest), verdict("dlp", "application", digest, "blocked", "0"))
		}, nil, `the gate dlp said "blocked"`},
		"a gate that returns": {planOfThree, func(digest string) []audit.Record {
			return append(both(digest), verdict("content", "system", digest, "returned", "0"))
		}, nil, `the gate content said "returned"`},
		"an outcome nobody knows": {planOfThree, func(digest string) []audit.Record {
			return append(both(digest), verdict("content", "system", digest, "", "0"))
		}, nil, `the gate content said ""`},
		"no number of findings": {planOfThree, func(digest string) []audit.Record {
			return append(both(digest), verdict("dlp", "application", digest, "findings", "some"))
		}, nil, "does not say how many findings"},
		"unjudged, left to a person": {planOfThree, func(digest string) []audit.Record {
			return []audit.Record{verdict("content", "system", digest, "passed", "0"), inconclusive("dlp", digest)}
		}, nil, ""},
		"unjudged, and to be blocked": {planOfThree, func(digest string) []audit.Record {
			return []audit.Record{inconclusive("content", digest), verdict("dlp", "application", digest, "passed", "0")}
		}, nil, `the gate content said "inconclusive", which lets nothing on by the policy`},
		"unjudged about other bytes": {planOfThree, func(digest string) []audit.Record {
			return []audit.Record{verdict("content", "system", digest, "passed", "0"), inconclusive("dlp", "sha256:x")}
		}, nil, "the gate dlp spoke about other bytes"},
		"a person speaks for an engine": {planOfThree, func(digest string) []audit.Record {
			return append(both(digest), verdict("dlp", "person", digest, "passed", "0"))
		}, nil, "which an application does"},
		"an engine speaks for the airlock": {planOfThree, func(digest string) []audit.Record {
			return append(both(digest), verdict("content", "application", digest, "passed", "0"))
		}, nil, "which is the airlock's own"},
		"a policy with a gate more later":   {"content content required block", both, nil, `the gate "dlp" speaks, and the request was submitted without it`},
		"a policy with a gate less later":   {planOfThree + ", more external required review", both, nil, "the gate more did not speak"},
		"a policy that had no gates":        {"", both, nil, `the gate "content" speaks, and the request was submitted without it`},
		"a gate in words that mean nothing": {"content content mandatory", both, nil, "words that mean nothing"},
		"a gate named twice":                {planOfThree + ", dlp external advisory", both, nil, "names the gate dlp twice"},
		"advice that nobody waited for":     {"lens external advisory", func(string) []audit.Record { return nil }, nil, ""},
		"advice about other bytes is advice": {"lens external advisory", func(string) []audit.Record {
			return []audit.Record{verdict("lens", "application", "sha256:x", "findings", "7")}
		}, nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			code, out := throughGates(t, tt.plan, tt.words, slices.Clone(tt.seen)...)
			if tt.want == "" {
				assert.Equal(t, 0, code, out)
				return
			}
			assert.Equal(t, 1, code, out)
			assert.Contains(t, out, tt.want)
		})
	}
}
