package audit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"example.org/airlock/handler/airlock"
)

// Replay plays a request's records through the rule book and returns the reason
// against a release, nil for none. The steps must be legal and lead to where the
// request is. The gates must have been passed and enough people must have approved
// since, all for exactly the bytes that the request's row has on record. It
// believes nothing of the row that no record says.
//
// The rows must be verified (VerifyTrail): Replay judges their content only. The
// request must be on its way to its approved account, or there.
func Replay(rows []Row, r airlock.Request) error {
	p, err := played(rows, r)
	if err != nil {
		return err
	}
	return p.judge()
}

// ReplayStatus plays a request's verified records through the rule book and returns
// the contradictions to the status on its row, nil for none.
func ReplayStatus(rows []Row, r airlock.Request) error {
	p, err := played(rows, r)
	if err == nil && p.status != r.Status {
		err = fmt.Errorf("the records lead to %q, and the request says it is %q", p.status, r.Status)
	}
	return err
}

func played(rows []Row, r airlock.Request) (*replay, error) {
	p := &replay{request: r}
	for _, row := range rows {
		var rec Record
		if err := json.Unmarshal(row.Body, &rec); err != nil {
			return nil, fmt.Errorf("record %d cannot be read as JSON", row.Seq)
		}
		if err := p.play(rec); err != nil {
			return nil, fmt.Errorf("record %d: %w", row.Seq, err)
		}
	}
	return p, nil
}

// replay is how far the records have led.
type replay struct {
	request  airlock.Request
	status   airlock.Status
	failedIn airlock.Status
	archived bool             // it ended in another airlock
	makers   []airlock.UserID // who created the request or could change its draft
	manifest []FileEvidence   // as submitted
	passed   []FileEvidence   // the files that passed the gates, nil while none has
	// rule of the review since the gates were passed, and the last decision of each
	// reviewer since.
	rule     airlock.ReviewRule
	opinions []airlock.Opinion
	tally    airlock.Tally  // as it was when the request was approved
	reviews  []Record       // all that were ever given
	released []FileEvidence // as verified at the destination
	// plan are the gates as submitted, words the last record of each in the present turn, and
	// acknowledged how many groups of findings each reviewer acknowledged.
	plan         string
	words        map[string]Record
	acknowledged map[airlock.UserID]string
	malware      bool // it was found in the present turn's files, or what a gate blocks
}

func (p *replay) play(rec Record) error {
	if rec.Action == LinkIssued && rec.Detail["permission"] == airlock.LinkWrite.String() {
		p.makers = append(p.makers, rec.Actor.ID)
	}
	if rec.From != p.status && (rec.From != "" || rec.To != "") {
		return fmt.Errorf("it says the request was %q, and the records before lead to %q", rec.From, p.status)
	}
	if rec.Action == ScanVerdict && rec.Detail["bytes"] == "sealed" && rec.Detail["outcome"] == string(airlock.Malicious) {
		p.malware = true
	}
	if rec.Action == Imported {
		return p.begin(rec)
	}
	if rec.From == rec.To {
		return p.inPlace(rec)
	}
	if err := p.step(rec); err != nil {
		return err
	}
	switch airlock.Trigger(rec.Action) {
	case airlock.TriggerCreate:
		p.makers = append(p.makers, rec.Actor.ID)
	case airlock.TriggerSubmit:
		p.makers, p.manifest, p.passed = append(p.makers, rec.Actor.ID), rec.Files, nil
		p.opinions, p.tally, p.malware = nil, airlock.Tally{}, false
		p.plan, p.words, p.acknowledged = rec.Detail["gates"], map[string]Record{}, map[airlock.UserID]string{}
	case airlock.TriggerGatesPassed:
		p.passed, p.rule, p.opinions, p.tally = rec.Files, airlock.ReviewRule{}, nil, airlock.Tally{}
	case airlock.TriggerReject, airlock.TriggerChanges:
		p.reviews = append(p.reviews, rec)
	case airlock.TriggerApprove:
		if err := p.decide(rec); err != nil {
			return err
		}
		return p.approve(rec)
	case airlock.TriggerCopyVerified:
		p.released = rec.Files // of the last move, which is the release of a request that is released
	}
	return nil
}

// begin takes the record of an import: a draft, made by somebody who does not review it
// here, or a request that ended elsewhere and goes nowhere from here.
func (p *replay) begin(rec Record) error {
	switch {
	case p.status != airlock.NoStatus || p.archived:
		return fmt.Errorf("an import comes first")
	case rec.Actor.Kind != System:
		return fmt.Errorf("%q is not for the actor %q", rec.Action, rec.Actor.Kind)
	case rec.To != airlock.Draft && !rec.To.Final():
		return fmt.Errorf("an import does not lead to %q", rec.To)
	}
	p.status, p.archived = rec.To, rec.To != airlock.Draft
	p.makers = append(p.makers, rec.OnBehalfOf)
	return nil
}

// step is one row of the rule book.
func (p *replay) step(rec Record) error {
	if p.archived {
		return fmt.Errorf("a request that ended in another airlock changes no more")
	}
	row, err := airlock.TransitionFor(p.status, airlock.Trigger(rec.Action))
	if err != nil {
		return fmt.Errorf("no rule leads from %q by %q", p.status, rec.Action)
	}
	to := row.To
	if to == airlock.StatusBeforeFailure {
		to = p.failedIn
	}
	if rec.To != to {
		return fmt.Errorf("%q leads to %q, and it says %q", rec.Action, to, rec.To)
	}
	if bySystem := slices.Equal(row.By, []airlock.Actor{airlock.System}); bySystem != (rec.Actor.Kind == System) {
		return fmt.Errorf("%q is not for the actor %q", rec.Action, rec.Actor.Kind)
	}
	switch on := airlock.Trigger(rec.Action); {
	case to == airlock.Failed:
		p.failedIn = p.status
	case on == airlock.TriggerMalicious, on == airlock.TriggerGateBlocked:
		p.malware = true
	case on == airlock.TriggerRetry && p.status == airlock.BlockedByScan && p.malware:
		return fmt.Errorf("it brings back from quarantine what malware was found in, or a gate blocked")
	}
	p.status = to
	return nil
}

// AllowedByPolicy is in the detail of a review that the policy made possible: under
// ownRequest, or under application.
const AllowedByPolicy = "allowed by policy"

// inPlace plays a record that leaves the status as it is.
func (p *replay) inPlace(rec Record) error {
	switch on := airlock.Trigger(rec.Action); {
	case (rec.Action == GateVerdict || rec.Action == GateInconclusive) && rec.Detail["bytes"] != "other" && p.words != nil:
		p.words[rec.Detail["gate"]] = rec
	case rec.Action == FindingsAcknowledged && p.acknowledged != nil:
		p.acknowledged[rec.Actor.ID] = rec.Detail["groups"]
	case rec.Action == ApprovalsSet:
		return p.setRule(rec)
	case p.status == airlock.InReview && (on == airlock.TriggerApprove || on == airlock.TriggerReject || on == airlock.TriggerChanges):
		return p.decide(rec)
	}
	return nil
}

// HiddenFrom reports whether a record of a review that goes on, by independent reviewers,
// is hidden from somebody: it is another person's decision, or comment for reviewers.
func (rec Record) HiddenFrom(id airlock.UserID) bool {
	switch airlock.Trigger(rec.Action) {
	case airlock.TriggerApprove, airlock.TriggerReject, airlock.TriggerChanges:
		return rec.From == rec.To && rec.Actor.ID != id
	}
	if rec.Action == FindingsAcknowledged {
		return rec.Actor.ID != id
	}
	return rec.Action == Commented && rec.Detail["visibility"] == string(airlock.ForReviewers) && rec.Actor.ID != id
}

// setRule takes the rule of the review that begins.
func (p *replay) setRule(rec Record) error {
	n, err := strconv.Atoi(rec.Detail["approvals"])
	if err != nil || n < 1 || rec.Actor.Kind != System {
		return fmt.Errorf("it does not say how many approvals are needed")
	}
	on, independent := rec.Detail["independent"]
	p.rule = airlock.ReviewRule{Required: n, Independent: independent, OnDisagreement: airlock.OnDisagreement(on)}
	return nil
}

// decide takes a decision of a person, not of a maker of the request, about the bytes
// that passed the gates.
func (p *replay) decide(rec Record) error {
	switch {
	case rec.Actor.Kind != Person && rec.Detail["application"] != AllowedByPolicy:
		return fmt.Errorf("the %s %s approved, which only people do", rec.Actor.Kind, rec.Actor.ID)
	case slices.Contains(p.makers, rec.Actor.ID) && rec.Detail["ownRequest"] != AllowedByPolicy:
		return fmt.Errorf("%s approved their own request", rec.Actor.ID)
	case !sameBytes(rec.Files, p.passed):
		return fmt.Errorf("%s approved other bytes than passed the gates", rec.Actor.ID)
	}
	o := airlock.Opinion{By: rec.Actor.ID, Decision: decisionOf(rec)}
	for _, f := range rec.FileDecisions {
		if f.Decision == airlock.ChoiceWithhold {
			o.Withheld = append(o.Withheld, f.Name)
		}
	}
	p.opinions = append(slices.DeleteFunc(p.opinions, func(old airlock.Opinion) bool { return old.By == o.By }), o)
	p.reviews = append(p.reviews, rec)
	return nil
}

// approve holds the record that approves the request against the rule of its review. It
// says how many approvals were needed: as many as the rule asks for, or more.
func (p *replay) approve(rec Record) error {
	given, required := 0, 0
	if n, err := fmt.Sscanf(rec.Detail["approvals"], "%d of %d", &given, &required); n != 2 || err != nil || required < 1 {
		return fmt.Errorf("it does not say how many approvals were needed")
	}
	rule := p.rule
	if rule.Independent && rule.OnDisagreement == airlock.ThirdReviewer && len(p.opinions) > rule.Required {
		required-- // it counts the one who was asked in the end
	}
	if rule.Required = max(rule.Required, required); rule.Required > required {
		return fmt.Errorf("the review asked for %d approvals, and it says %d", rule.Required, required)
	}
	supporting := supportingOf(p.manifest)
	var names []string
	for _, f := range p.passed {
		if !slices.Contains(supporting, f.Name) {
			names = append(names, f.Name)
		}
	}
	p.tally = rule.Count(p.opinions, names)
	if p.tally.End != airlock.DecisionApproved {
		return fmt.Errorf("%d of %d approvals", approvals(p.opinions), rule.Required)
	}
	return nil
}

func approvals(opinions []airlock.Opinion) (n int) {
	for _, o := range opinions {
		if o.Decision == airlock.DecisionApproved {
			n++
		}
	}
	return n
}
