package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// gatePlan is one gate as the policy named it when the request was submitted.
type gatePlan struct {
	id, kind string
	required bool
	// unjudged is true when a request goes on to its reviewers that the gate could not judge.
	unjudged bool
}

// gatesTold collects the records of a turn about the gates beside the malware gate.
type gatesTold struct {
	plan         []gatePlan
	words        map[string]record // the last one of each gate
	acknowledged map[string]int    // groups, by reviewer, since the gates were passed
}

// planned reads the gates that a submit names: "content content required review, dlp
// external advisory".
func planned(submit record) (g gatesTold, err error) {
	g.words = map[string]record{}
	if submit.Detail["gates"] == "" {
		return g, nil
	}
	for one := range strings.SplitSeq(submit.Detail["gates"], ", ") {
		words := strings.Fields(one)
		switch {
		case len(words) == 3 && words[2] == "advisory":
		case len(words) == 4 && words[2] == "required":
		default:
			return g, fmt.Errorf("it names a gate in words that mean nothing: %q", one)
		}
		if g.named(words[0]) != nil {
			return g, fmt.Errorf("it names the gate %s twice", words[0])
		}
		g.plan = append(g.plan, gatePlan{id: words[0], kind: words[1], required: words[2] == "required", unjudged: words[len(words)-1] == "review"})
	}
	return g, nil
}

func (g gatesTold) named(id string) *gatePlan {
	i := slices.IndexFunc(g.plan, func(p gatePlan) bool { return p.id == id })
	if i < 0 {
		return nil
	}
	return &g.plan[i]
}

// speaks takes a gate's word. An engine's word about other bytes is a security record
// and counts for nothing.
func (p *replay) speaks(rec record) error {
	if rec.Detail["bytes"] == "other" {
		return nil
	}
	id := rec.Detail["gate"]
	plan := p.gates.named(id)
	switch {
	case plan == nil:
		return fmt.Errorf("the gate %q speaks, and the request was submitted without it", id)
	case rec.Action == "gate_verdict" && plan.kind == "content" && rec.Actor.Kind != "system":
		return fmt.Errorf("%s spoke for the gate %s, which is the airlock's own", rec.Actor.Name, id)
	case rec.Action == "gate_verdict" && plan.kind == "external" && rec.Actor.Kind != "application":
		return fmt.Errorf("the %s spoke for the gate %s, which an application does", rec.Actor.Kind, id)
	}
	p.gates.words[id] = rec
	return nil
}

// letOn reports why the gates cannot have been passed with these files: every required
// gate has to have let exactly them on.
func (g gatesTold) letOn(passed record) error {
	digest := contentDigest(passed)
	for _, plan := range g.plan {
		if !plan.required {
			continue
		}
		word, spoken := g.words[plan.id]
		outcome := word.Detail["outcome"]
		if word.Action == "gate_inconclusive" {
			outcome = "inconclusive"
		}
		switch {
		case !spoken:
			return fmt.Errorf("the gate %s did not speak, and the policy required it", plan.id)
		case word.Detail["digest"] != digest:
			return fmt.Errorf("the gate %s spoke about other bytes", plan.id)
		case outcome == "passed", outcome == "findings", outcome == "inconclusive" && plan.unjudged:
		default:
			return fmt.Errorf("the gate %s said %q, which lets nothing on by the policy", plan.id, outcome)
		}
	}
	return nil
}

// toAcknowledge is how many groups of findings each approving reviewer has to acknowledge.
func (g gatesTold) toAcknowledge() (groups int, err error) {
	for _, plan := range g.plan {
		word := g.words[plan.id]
		if !plan.required || word.Detail["review"] == "" {
			continue
		}
		n, err := strconv.Atoi(word.Detail["review"])
		if err != nil || n < 0 {
			return 0, fmt.Errorf("the gate %s does not say how many findings are to be acknowledged", plan.id)
		}
		groups += n
	}
	return groups, nil
}

// acknowledge takes a reviewer's word that they saw the findings.
func (p *replay) acknowledge(rec record) error {
	n, err := strconv.Atoi(rec.Detail["groups"])
	if err != nil || n < 1 || p.status != "in_review" || rec.Detail["sha256"] == "" {
		return fmt.Errorf("it does not say which findings were acknowledged in review")
	}
	p.gates.acknowledged[rec.Actor.ID] = n
	return nil
}

// sawFindings reports why an approval cannot be: its reviewer has to have acknowledged all
// that the gates left to the reviewers.
func (p *replay) sawFindings(approval record) error {
	groups, err := p.gates.toAcknowledge()
	if err != nil {
		return err
	}
	if said := p.gates.acknowledged[approval.Actor.ID]; said != groups {
		return fmt.Errorf("%s approved, and acknowledged findings in %d of %s", approval.Actor.Name, said, count(groups, "group"))
	}
	return nil
}

// contentDigest is the digest of a manifest that gates speak about: the SHA-256 over a line
// for each file with its name, its size and its SHA-256, or else its ETag.
func contentDigest(rec record) string {
	h := sha256.New()
	for _, f := range rec.Files {
		proof := "sha256:" + f.SHA256
		if f.SHA256 == "" {
			proof = "etag:" + f.ETag
		}
		fmt.Fprintf(h, "%s\x00%d\x00%s\n", f.Name, f.Size, proof)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// spoke names the gates that let the release on, "" if there were none.
func (g gatesTold) spoke() string {
	var names []string
	for _, plan := range g.plan {
		if plan.required {
			names = append(names, plan.id)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + " for their content)"
}
