package audit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"example.org/airlock/handler/airlock"
)

// Replay plays a request's records through the rule book and returns what speaks
// against a release, nil for nothing: the steps must be legal and lead to where the
// request is, the gates must have been passed and enough people must have approved
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
// what speaks against the status on its row, nil for nothing.
func ReplayStatus(rows []Row, r airlock.Request) error {
	p, err := played(rows, r)
	if err == nil && p.status != r.Status {
		err = fmt.Errorf("the records lead to %q, and the request says it is %q", p.status, r.Status)
	}
	return err
}

func played(rows []Row, r airlock.Request) (*replay, error) {
	p := &replay{request: r, approvals: map[airlock.UserID]Record{}}
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
	makers   []airlock.UserID // who created the request or could change its draft
	manifest []FileEvidence   // as submitted
	passed   []FileEvidence   // what passed the gates, nil while nothing has
	// approvals since the gates were passed, the last one of each person.
	approvals map[airlock.UserID]Record
	reviews   []Record       // all that were ever given
	required  int            // approvals, as the deciding one says
	released  []FileEvidence // as verified at the destination
	malware   bool           // it was found in the present turn's files
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
	if rec.From == rec.To {
		if airlock.Trigger(rec.Action) == airlock.TriggerApprove && p.status == airlock.InReview {
			return p.approve(rec)
		}
		return nil
	}
	if err := p.step(rec); err != nil {
		return err
	}
	switch airlock.Trigger(rec.Action) {
	case airlock.TriggerCreate:
		p.makers = append(p.makers, rec.Actor.ID)
	case airlock.TriggerSubmit:
		p.makers, p.manifest, p.passed, p.required = append(p.makers, rec.Actor.ID), rec.Files, nil, 0
		p.approvals, p.malware = map[airlock.UserID]Record{}, false
	case airlock.TriggerGatesPassed:
		p.passed, p.approvals, p.required = rec.Files, map[airlock.UserID]Record{}, 0
	case airlock.TriggerReject, airlock.TriggerChanges:
		p.reviews = append(p.reviews, rec)
	case airlock.TriggerApprove:
		return p.approve(rec)
	case airlock.TriggerCopyVerified:
		p.released = rec.Files // of the last move, which is the release of a request that is released
	}
	return nil
}

// step is one row of the rule book.
func (p *replay) step(rec Record) error {
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
	case on == airlock.TriggerMalicious:
		p.malware = true
	case on == airlock.TriggerRetry && p.status == airlock.BlockedByScan && p.malware:
		return fmt.Errorf("it brings back from quarantine what malware was found in")
	}
	p.status = to
	return nil
}

// AllowedByPolicy is in the detail of a review that the policy made possible: under
// ownRequest, or under application.
const AllowedByPolicy = "allowed by policy"

// approve counts an approval: of a person, not of a maker of the request, for the
// bytes that passed the gates. The one that decides says how many were needed.
func (p *replay) approve(rec Record) error {
	switch {
	case rec.Actor.Kind != Person && rec.Detail["application"] != AllowedByPolicy:
		return fmt.Errorf("the %s %s approved, which only people do", rec.Actor.Kind, rec.Actor.ID)
	case slices.Contains(p.makers, rec.Actor.ID) && rec.Detail["ownRequest"] != AllowedByPolicy:
		return fmt.Errorf("%s approved their own request", rec.Actor.ID)
	case !sameBytes(rec.Files, p.passed):
		return fmt.Errorf("%s approved other bytes than passed the gates", rec.Actor.ID)
	}
	p.approvals[rec.Actor.ID] = rec
	p.reviews = append(p.reviews, rec)
	if rec.From == rec.To {
		return nil
	}
	given := 0
	if n, err := fmt.Sscanf(rec.Detail["approvals"], "%d of %d", &given, &p.required); n != 2 || err != nil || p.required < 1 {
		return fmt.Errorf("it does not say how many approvals were needed")
	}
	if len(p.approvals) < p.required {
		return fmt.Errorf("%d of %d approvals", len(p.approvals), p.required)
	}
	return nil
}

// judge holds the request's row against where the records have led.
func (p *replay) judge() error {
	r := p.request
	switch {
	case p.status != r.Status:
		return fmt.Errorf("the records lead to %q, and the request says it is %q", p.status, r.Status)
	case r.Status != airlock.ApprovalInProgress && r.Status != airlock.Approved:
		return fmt.Errorf("a request that is %q is not released", r.Status)
	case len(r.Files) == 0 || !sameBytes(p.manifest, evidenceOf(r, func(f airlock.File) (string, string) { return f.DraftETag, "" })):
		return fmt.Errorf("the request's files are not those that were submitted")
	case !sameBytes(p.passed, evidenceOf(r, func(f airlock.File) (string, string) { return f.InProgressETag, f.SHA256 })):
		return fmt.Errorf("the request's files are not those that passed the gates")
	case p.required < 1 || len(p.approvals) < p.required || r.ApprovalsRequired != p.required:
		return fmt.Errorf("%d people have approved, the records ask for %d and the request for %d", len(p.approvals), p.required, r.ApprovalsRequired)
	case r.Status == airlock.Approved && !sameBytes(p.released, evidenceOf(r, func(f airlock.File) (string, string) { return f.FinalETag, f.SHA256 })):
		return fmt.Errorf("the request's files are not those that were verified at the destination")
	}
	return p.judgeReviews()
}

// judgeReviews holds the reviews on the row against those on record, both ways.
func (p *replay) judgeReviews() error {
	for _, v := range p.request.Reviews {
		onRecord := slices.ContainsFunc(p.reviews, func(rec Record) bool {
			return rec.Actor.ID == v.Reviewer.ID && rec.At.Equal(v.When) && rec.Reason == v.Explanation && decisionOf(rec) == v.Decision
		})
		if !onRecord {
			return fmt.Errorf("no record says that %s reviewed", v.Reviewer.ID)
		}
	}
	for id := range p.approvals {
		if !slices.ContainsFunc(p.request.Reviews, func(v airlock.Review) bool {
			return v.Reviewer.ID == id && v.Decision == airlock.DecisionApproved
		}) {
			return fmt.Errorf("the request does not know the approval of %s", id)
		}
	}
	return nil
}

// decisionOf is what a review's record says was decided.
func decisionOf(rec Record) airlock.Decision {
	switch airlock.Trigger(rec.Action) {
	case airlock.TriggerApprove:
		return airlock.DecisionApproved
	case airlock.TriggerReject:
		return airlock.DecisionRejected
	case airlock.TriggerChanges:
		return airlock.DecisionChanges
	}
	return ""
}

// evidenceOf lists a request's files with an ETag and a hash of each.
func evidenceOf(r airlock.Request, of func(airlock.File) (etag, sha256 string)) []FileEvidence {
	out := make([]FileEvidence, len(r.Files))
	for i, f := range r.Files {
		etag, sum := of(f)
		out[i] = FileEvidence{Name: f.Name, Size: f.Size, ETag: etag, SHA256: sum}
	}
	return out
}

// sameBytes reports whether two lists name the same files with the same bytes. An
// empty list names none.
func sameBytes(a, b []FileEvidence) bool {
	order := func(files []FileEvidence) []FileEvidence {
		out := make([]FileEvidence, len(files))
		for i, f := range files {
			out[i] = FileEvidence{Name: f.Name, Size: f.Size, ETag: f.ETag, SHA256: f.SHA256}
		}
		slices.SortFunc(out, func(x, y FileEvidence) int { return strings.Compare(x.Name, y.Name) })
		return out
	}
	return len(a) > 0 && slices.Equal(order(a), order(b)) && !slices.ContainsFunc(a, func(f FileEvidence) bool { return f.ETag == "" })
}
