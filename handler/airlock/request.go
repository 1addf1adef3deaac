package airlock

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Limits of free texts, in characters.
const (
	MaxTitle         = 200
	MaxJustification = 4000
	MaxExplanation   = 4000
)

// Request is one airlock request as stored. It is the truth; events are hints.
type Request struct {
	ID            RequestID   `json:"id"`
	Workspace     WorkspaceID `json:"workspaceId"`
	Type          RequestType `json:"type"`
	Title         string      `json:"title"`
	Justification string      `json:"businessJustification"`
	Status        Status      `json:"status"`
	StatusMessage string      `json:"statusMessage,omitempty"`
	// StatusSince is when Status was reached; deadlines count from it.
	StatusSince time.Time `json:"statusSince"`

	CreatedBy   Principal `json:"createdBy"`
	CreatedWhen time.Time `json:"createdWhen"`
	// Contributors are colleagues who had a write link or submitted.
	Contributors []UserID `json:"contributors,omitempty"`
	// Accounts are the stage accounts of the request's direction, as they were when it
	// was created: its bytes stay there when the workspace's row changes.
	Accounts    Accounts  `json:"accounts,omitempty"`
	UpdatedBy   Principal `json:"updatedBy"`
	UpdatedWhen time.Time `json:"updatedWhen"`
	// Number counts the changes people can see: 0 at create. It is the
	// resourceVersion of the API and what If-Match compares.
	Number  int      `json:"resourceVersion"`
	History []Change `json:"history"`

	// Files is the manifest of the present turn; of a request that was returned, the one
	// that was returned.
	Files []File `json:"files"`
	// Reviews are those of the present turn. Earlier ones are with their turns.
	Reviews []Review `json:"reviews"`
	// Resubmits counts the submits of the request after it was returned.
	Resubmits int `json:"resubmits,omitempty"`
	// Reopened is true from the decision that returns the request until it is submitted
	// again, or ends.
	Reopened bool `json:"reopened,omitempty"`
	// Changed counts the files' changes since the turn before.
	Changed *TurnChange `json:"changed,omitempty"`

	// Gates are the gates beside the malware gate, as the policy had them at submit. They
	// belong to the present turn; earlier ones are with their turns.
	Gates []GateRun `json:"gates,omitempty"`
	// ScanRequired is the policy's word at submit: switching scanning off later
	// does not open the gate for requests submitted under it.
	ScanRequired bool `json:"scanRequired,omitempty"`
	// ScanUnconfirmed is true when the policy at submit lets a clean event open the
	// gate without the scanner's tag on the blob.
	ScanUnconfirmed bool `json:"scanUnconfirmed,omitempty"`
	// Holds stop the release until an operator has looked.
	Holds []Hold `json:"holds,omitempty"`
	// HashLimit is the size in bytes up to which files are hashed; the policy's word
	// at submit too.
	HashLimit int64 `json:"hashLimit,omitempty"`
	// PolicyVersion is the policy in force at the last decision.
	PolicyVersion int    `json:"policyVersion,omitempty"`
	PolicyHash    string `json:"policyHash,omitempty"`
	// Rule is how the review of the present turn ends, as the policy had it when the
	// gates were passed.
	Rule ReviewRule `json:"reviewRule,omitzero"`
	// ApprovalsRequired is shown while in review ("1 of 2").
	ApprovalsRequired int  `json:"approvalsRequired,omitempty"`
	SelfReviewed      bool `json:"selfReviewed,omitempty"`
	// ApplicationsReview is the policy's word on applications at the last review.
	ApplicationsReview bool `json:"applicationsReview,omitempty"`

	// Claim is the reviewer who is on it, nil for none.
	Claim *Claim `json:"claim,omitempty"`
	// Comments counts the comments that were ever written.
	Comments int `json:"comments,omitempty"`
	// Answers are the requestor's answers to the workspace's form.
	Answers Answers `json:"answers,omitempty"`
	// Replaces is an ended request that this one takes the place of, ReplacedBy one that
	// took this one's.
	Replaces   RequestID `json:"replaces,omitempty"`
	ReplacedBy RequestID `json:"replacedBy,omitempty"`

	Failure *Failure `json:"failure,omitempty"`
	// BlockReason is a blocked request's status message.
	BlockReason string `json:"blockReason,omitempty"`
	Work        Work   `json:"work"`

	// Imported is nil for a request that was created here.
	Imported *Imported `json:"imported,omitempty"`

	// CreateDigest is what a repeated create with the same Idempotency-Key must match.
	CreateDigest string `json:"createDigest,omitempty"`
	// Chain is the head of the request's audit chain. The row holds it so that a
	// cut tail shows.
	Chain ChainHead `json:"chain"`
	// Receipt is the name of the release receipt once it is stored.
	Receipt string `json:"receipt,omitempty"`
	// Revocation is the name of the signed revocation once it is stored.
	Revocation string `json:"revocation,omitempty"`
}

// ChainHead is the last record's hash and the number of records.
type ChainHead struct {
	Hash   string `json:"hash"` // lower-case hex SHA-256, "" before the first record
	Length int    `json:"length"`
}

// Change is one past version of a request.
type Change struct {
	Number int       `json:"resourceVersion"`
	When   time.Time `json:"updatedWhen"`
	By     Principal `json:"updatedBy"`
	Status Status    `json:"status"` // the status that version had
}

// Decision is a reviewer's word.
type Decision string

// The decisions. Revoked stands among the reviews as existing clients expect.
const (
	DecisionApproved Decision = "approved"
	DecisionRejected Decision = "rejected"
	DecisionRevoked  Decision = "revoked"
	// DecisionChanges sends a request back: the requestor mends it and submits again.
	DecisionChanges Decision = "changes_requested"
)

// Review is one decision of one airlock manager.
type Review struct {
	ID            string    `json:"id"`
	Reviewer      Principal `json:"reviewer"`
	When          time.Time `json:"dateCreated"`
	Decision      Decision  `json:"reviewDecision"`
	Explanation   string    `json:"decisionExplanation"`
	PolicyVersion int       `json:"policyVersion,omitempty"`
	// OwnRequest is true for a self-review that the policy allowed.
	OwnRequest bool `json:"ownRequest,omitempty"`
	// Files are the decisions on single files.
	Files []FileDecision `json:"files,omitempty"`
}

// Hold stops a request before its release: a scan result that nobody can read names it.
type Hold struct {
	// Event is the parked event that an operator has to look at; redriving or
	// discarding it ends the hold.
	Event  string    `json:"event"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// maxHolds bounds Holds. Further events are parked like the others; who looked at
// these has seen everything.
const maxHolds = 4

// AddHold puts the request on hold. It reports false when it changes nothing.
func (r *Request) AddHold(h Hold) bool {
	if len(r.Holds) >= maxHolds || slices.ContainsFunc(r.Holds, func(old Hold) bool { return old.Event == h.Event }) {
		return false
	}
	r.Holds = append(r.Holds, h)
	return true
}

// EndHold ends the hold because of a parked event. It reports false when there is none.
func (r *Request) EndHold(event string) bool {
	before := len(r.Holds)
	r.Holds = slices.DeleteFunc(r.Holds, func(h Hold) bool { return h.Event == event })
	return len(r.Holds) < before
}

// Failure says why a request failed.
type Failure struct {
	In        Status `json:"in"` // the status it failed in, where retry resumes
	Code      string `json:"code"`
	Operation string `json:"operation"`
	Account   string `json:"account,omitempty"`
	Cause     string `json:"cause"`
	// Cleared is when the step's half-made destination was given up, zero if
	// there was none. A retry makes it again under the same name.
	Cleared time.Time `json:"cleared,omitzero"`
}

// Work is what the system still has to do for a request, and when, and what it
// has to remember for that.
type Work struct {
	// Due is when the reconciler looks at the request next; zero = never.
	Due time.Time `json:"due,omitzero"`
	// Delete lists the places whose container must go. It is set by the decision
	// that makes the data superfluous and emptied when the deletion is done.
	Delete []Place `json:"delete,omitempty"`
	// GivenUp is when a place was last added to Delete. A container made later is
	// not the one that was given up.
	GivenUp time.Time `json:"givenUp,omitzero"`
	// Attempts counts tries of the present step that met a fault.
	Attempts int `json:"attempts,omitempty"`
	// Overdue is true once the deadline of the present status was reported.
	Overdue bool `json:"overdue,omitempty"`
	// ExpiryTold is when the requestor was told that the draft expires soon.
	ExpiryTold time.Time `json:"expiryTold,omitzero"`
	// DataDeleted is when the final data was deleted by retention.
	DataDeleted time.Time `json:"dataDeleted,omitzero"`
	// Verdicts counts the rows of verdicts that are not in force.
	Verdicts int `json:"verdicts,omitempty"`
	// RefusedSubmits counts submits that the policy refused.
	RefusedSubmits int `json:"refusedSubmits,omitempty"`
	// CommentTold is when people were last told of comments.
	CommentTold time.Time `json:"commentTold,omitzero"`
	// Refusals are the refused attempts that were recorded last.
	Refusals []Refusal `json:"refusals,omitempty"`
	// Links are the links that were issued last.
	Links []IssuedLink `json:"links,omitempty"`
}

// ETag is the version tag of the API: what `_etag` shows and If-Match compares. It changes
// with every change people can see and with nothing else.
func (r Request) ETag() string { return fmt.Sprintf("%s-%d", r.ID[:8], r.Number) }

// Approvals counts the distinct reviewers whose last decision is an approval: people, and
// applications where the policy let them at the last review.
func (r Request) Approvals() int {
	n := 0
	for _, o := range r.opinions(r.ApplicationsReview) {
		if o.Decision == DecisionApproved {
			n++
		}
	}
	return n
}

// ApplicationReviewed reports whether the policy let an application review.
func (r Request) ApplicationReviewed() bool {
	return r.ApplicationsReview && slices.ContainsFunc(r.Reviews, func(v Review) bool { return v.Reviewer.Application })
}

// ReviewedBy returns the last decision of one reviewer in this turn, and false when there
// is none.
func (r Request) ReviewedBy(id UserID) (Review, bool) {
	for _, v := range slices.Backward(r.Reviews) {
		if v.Reviewer.ID == id && v.Decision != DecisionRevoked {
			return v, true
		}
	}
	return Review{}, false
}

// MadeBy reports whether somebody created the request or contributed to it.
func (r Request) MadeBy(id UserID) bool {
	return r.CreatedBy.ID == id || slices.Contains(r.Contributors, id)
}

// Contribute notes that somebody may have changed the draft.
func (r *Request) Contribute(id UserID) {
	if !r.MadeBy(id) {
		r.Contributors = append(slices.Clone(r.Contributors), id)
	}
}

// File returns the manifest entry with that name, or nil.
func (r *Request) File(name string) *File {
	for i := range r.Files {
		if r.Files[i].Name == name {
			return &r.Files[i]
		}
	}
	return nil
}

// OwesDocument reports whether a signed document has to be stored: the receipt of
// a release, or the revocation of one.
func (r Request) OwesDocument() bool {
	if r.Archived() {
		return false
	}
	return r.Status == Approved && r.Receipt == "" || r.Status == Revoked && r.Revocation == ""
}

// WithoutNames returns a copy whose files have a number for a name and no hash.
func (r Request) WithoutNames() Request {
	r.Files = slices.Clone(r.Files)
	for i := range r.Files {
		r.Files[i].Name, r.Files[i].From, r.Files[i].SHA256 = alias(i+1), "", ""
	}
	r.Answers = nil
	if r.Changed != nil {
		counts := *r.Changed
		counts.Gone = nil
		r.Changed = &counts
	}
	return r
}

// Clone returns a copy that shares no memory that a decision changes.
func (r Request) Clone() Request {
	r.History = slices.Clone(r.History)
	r.Reviews = slices.Clone(r.Reviews)
	r.Files = slices.Clone(r.Files)
	r.Holds = slices.Clone(r.Holds)
	r.Answers = maps.Clone(r.Answers)
	r.Gates = slices.Clone(r.Gates)
	r.Work.Delete = slices.Clone(r.Work.Delete)
	r.Work.Refusals = slices.Clone(r.Work.Refusals)
	r.Work.Links = slices.Clone(r.Work.Links)
	return r
}

// Touch makes the next visible version: the present one goes into the history.
func (r *Request) Touch(by Principal, at time.Time) {
	r.History = append(r.History, Change{Number: r.Number, When: r.UpdatedWhen, By: r.UpdatedBy, Status: r.Status})
	r.Number++
	r.UpdatedBy, r.UpdatedWhen = by, at
}

// Apply moves the request by one row of the rule book: it checks that the row
// exists, makes a new version and clears what belonged to the old status. It
// does not check who acts: Decide did, and the row's actors are the document.
// It returns *TransitionError and changes nothing when there is no row.
func (r *Request) Apply(on Trigger, by Principal, at time.Time) error {
	row, err := TransitionFor(r.Status, on)
	if err != nil {
		return err
	}
	to := row.To
	if to == StatusBeforeFailure {
		if r.Failure == nil {
			return &TransitionError{From: r.Status, On: on}
		}
		to = r.Failure.In
		r.Failure = nil
	}
	r.Touch(by, at)
	r.Status, r.StatusSince, r.StatusMessage, r.Claim = to, at, "", nil
	r.Work.Attempts, r.Work.Overdue, r.Work.ExpiryTold = 0, false, time.Time{}
	return nil
}
