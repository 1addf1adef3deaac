package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// record is the part of a record that a replay needs.
type record struct {
	Seq   int       `json:"seq"`
	At    time.Time `json:"at"`
	Actor actor     `json:"actor"`
	// OnBehalfOf is the person whose decision a step of the system carries out.
	OnBehalfOf string `json:"onBehalfOf"`
	Action     string `json:"action"`
	From       string `json:"from"`
	To         string `json:"to"`
	Reason     string `json:"reason"`
	Files      []struct {
		Name   string `json:"name"`
		Size   int64  `json:"size"`
		ETag   string `json:"etag"`
		SHA256 string `json:"sha256"`
		// Supporting is true for a file that is never released.
		Supporting bool `json:"supporting"`
	} `json:"files"`
	FileDecisions []fileDecision    `json:"fileDecisions"`
	Detail        map[string]string `json:"detail"`
}

type actor struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// fileDecision is a reviewer's decision on one file.
type fileDecision struct {
	Name     string `json:"name"`
	Decision string `json:"decision"`
	Comment  string `json:"comment"`
}

// byPolicy is in the detail of a review that the workspace's policy made possible.
const byPolicy = "allowed by policy"

// replay is how far the records of a trail have led, told without the service's
// rule book: what it takes to get into review, to be approved, and to be released.
type replay struct {
	status    string
	failedIn  string
	makers    []string // who created the request or could change its draft
	submitted []record
	turn      int
	passed    *record // the last pass of the gates
	gates     gatesTold
	rule      reviewRule
	opinions  []record // the last decision of each reviewer since
	reviews   []record
	required  int
	released  *record
	revoked   *record
	verdicts  []record
	malware   bool // it was found in the present turn's files, or what a gate blocks
}

// rules say what may lead into a status that matters for a release, and who may do
// it. Other changes of status only have to follow each other.
var rules = map[string]struct{ by, from, action string }{
	"submitted":            {"", "draft returned", "submit"},
	"return_in_progress":   {"", "in_review submitted", "request_changes gate_returned"},
	"returned":             {"system", "return_in_progress", "copy_verified"},
	"in_review":            {"system", "submitted", "gates_passed"},
	"approval_in_progress": {"", "in_review", "approve"},
	"approved":             {"system", "approval_in_progress", "copy_verified"},
}

// replayUpTo plays the records up to number last, and says why when it cannot.
func (t *trail) replayUpTo(last int) (*replay, error) {
	p := &replay{turn: 1}
	for _, stored := range t.Records {
		if stored.Seq > last {
			break
		}
		var rec record
		if err := json.Unmarshal([]byte(stored.Body), &rec); err != nil {
			return nil, fmt.Errorf("record %d is no JSON", stored.Seq)
		}
		if err := p.play(rec); err != nil {
			return nil, fmt.Errorf("record %d (%s): %w", stored.Seq, rec.Action, err)
		}
	}
	return p, nil
}

func (p *replay) play(rec record) error {
	if rec.From != p.status && (rec.From != "" || rec.To != "") {
		return fmt.Errorf("it finds the request in %q, and the records before lead to %q", rec.From, p.status)
	}
	switch {
	case rec.Action == "scan_verdict":
		p.verdicts = append(p.verdicts, rec)
		p.malware = p.malware || rec.Detail["outcome"] == "malicious" && rec.Detail["bytes"] == "sealed"
	case rec.Action == "link_issued" && rec.Detail["permission"] == "write":
		p.makers = append(p.makers, rec.Actor.ID)
	case rec.Action == "gate_verdict", rec.Action == "gate_inconclusive":
		return p.speaks(rec)
	case rec.Action == "findings_acknowledged":
		return p.acknowledge(rec)
	case rec.Action == "approvals_set":
		return p.setRule(rec)
	case rec.From == rec.To && (rec.Action == "approve" || rec.Action == "reject" || rec.Action == "request_changes"):
		if p.status != "in_review" {
			return fmt.Errorf("a decision outside review")
		}
		return p.decide(rec)
	}
	if rec.From == rec.To {
		return nil
	}
	if err := p.allowed(rec); err != nil {
		return err
	}
	p.status = rec.To
	switch rec.Action {
	case "submit":
		return p.submit(rec)
	case "gates_passed":
		p.passed, p.rule, p.opinions, p.required = &rec, reviewRule{}, nil, 0
		p.gates.acknowledged = map[string]int{}
		return p.gates.letOn(rec)
	}
	return p.took(rec)
}

// submit begins a turn.
func (p *replay) submit(rec record) (err error) {
	p.makers, p.submitted = append(p.makers, rec.Actor.ID), append(p.submitted, rec)
	p.passed, p.rule, p.opinions, p.required, p.malware = nil, reviewRule{}, nil, 0, false
	if rec.From == "returned" {
		p.turn++
	}
	p.gates, err = planned(rec)
	return err
}

// allowed reports why a change of status cannot be.
func (p *replay) allowed(rec record) error {
	if rec.From == "" {
		if rec.Action == "imported" {
			return imported(rec)
		}
		if rec.Action != "create" {
			return fmt.Errorf("a request begins with its creation")
		}
		return nil
	}
	if rec.Action == "retry" {
		return p.retried(rec)
	}
	rule, matters := rules[rec.To]
	if matters && (!slices.Contains(strings.Fields(rule.from), rec.From) || !slices.Contains(strings.Fields(rule.action), rec.Action)) {
		return fmt.Errorf("nothing but %q leads from %q to %q", rule.action, rule.from, rec.To)
	}
	if matters && rec.Action != "gate_returned" && (rule.by == "system") != (rec.Actor.Kind == "system") {
		return fmt.Errorf("it is not for the actor %q", rec.Actor.Kind)
	}
	return nil
}

// imported reports why a request cannot have been taken over from another airlock. Only a
// draft goes on here: a request that ended there was not released by this airlock.
func imported(rec record) error {
	if rec.Actor.Kind != "system" || rec.To != "draft" {
		return fmt.Errorf("an import by the system makes a draft; what ended in another airlock was not released here")
	}
	return nil
}

// retried reports why a retry cannot be: a failed request goes on where it failed, and
// one that nobody could scan is scanned anew, unless malware was found in it.
func (p *replay) retried(rec record) error {
	switch {
	case rec.From == "failed" && rec.To == p.failedIn:
		return nil
	case rec.From == "failed":
		return fmt.Errorf("a retry leads back to %q, not to %q", p.failedIn, rec.To)
	case rec.From != "blocked_by_scan" || rec.To != "submitted":
		return fmt.Errorf("no retry leads from %q to %q", rec.From, rec.To)
	case p.malware:
		return fmt.Errorf("it brings back from quarantine what malware was found in, or a gate blocked")
	}
	return nil
}

// took notes the effect of a change of status on a release.
func (p *replay) took(rec record) error {
	switch rec.Action {
	case "create":
		p.makers = append(p.makers, rec.Actor.ID)
	case "imported":
		p.makers = append(p.makers, rec.OnBehalfOf)
	case "reject", "request_changes":
		p.reviews = append(p.reviews, rec)
	case "approve":
		if err := p.decide(rec); err != nil {
			return err
		}
		return p.approve(rec)
	case "malicious_verdict", "gate_blocked":
		p.malware = true
	case "copy_verified":
		p.released = &rec
	}
	switch rec.To {
	case "failed":
		p.failedIn = rec.From
	case "revoked": // by a person, or by the system that was told of malware
		p.revoked = &rec
	}
	return nil
}

// bytesOf is a text that names the bytes a record is about, "" if it names none.
func bytesOf(rec record) string {
	lines := make([]string, len(rec.Files))
	for i, f := range rec.Files {
		if f.ETag == "" {
			return ""
		}
		lines[i] = fmt.Sprintf("%q %d %q %q", f.Name, f.Size, f.ETag, f.SHA256)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
