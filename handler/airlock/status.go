package airlock

import "slices"

// Status is where a request stands. The text is stored and sent, so a value may
// be added but never renamed (they are stored and on the wire).
type Status string

// The statuses.
const (
	Draft               Status = "draft"
	Submitted           Status = "submitted"
	InReview            Status = "in_review"
	ReturnInProgress    Status = "return_in_progress"
	Returned            Status = "returned" // a draft again
	ApprovalInProgress  Status = "approval_in_progress"
	Approved            Status = "approved"
	RejectionInProgress Status = "rejection_in_progress"
	Rejected            Status = "rejected"
	Cancelled           Status = "cancelled"
	BlockingInProgress  Status = "blocking_in_progress"
	BlockedByScan       Status = "blocked_by_scan"
	Failed              Status = "failed"
	Revoked             Status = "revoked"
)

// Statuses lists every status in the order of a request's life.
func Statuses() []Status {
	return []Status{Draft, Submitted, InReview, ReturnInProgress, Returned, ApprovalInProgress, Approved, RejectionInProgress, Rejected,
		Cancelled, BlockingInProgress, BlockedByScan, Failed, Revoked}
}

// Valid reports whether s is one of them.
func (s Status) Valid() bool { return slices.Contains(Statuses(), s) }

// Final reports whether the system has nothing more to do to reach a result.
// A final status may still be left by a person: approved by revoke, failed by
// retry, blocked_by_scan by retry where no malware was found.
func (s Status) Final() bool {
	switch s {
	case Approved, Rejected, Cancelled, BlockedByScan, Failed, Revoked:
		return true
	}
	return false
}

// Moving reports whether the system has the next step: no person can act until
// the bytes have arrived.
func (s Status) Moving() bool {
	switch s {
	case Submitted, ReturnInProgress, ApprovalInProgress, RejectionInProgress, BlockingInProgress:
		return true
	}
	return false
}

// Open reports whether the requestor may still change the files: a draft, or a draft
// again.
func (s Status) Open() bool { return s == Draft || s == Returned }

// RequestType is the direction of a request.
type RequestType string

// The two directions.
const (
	Import RequestType = "import"
	Export RequestType = "export"
)

// Valid reports whether t is one of the two.
func (t RequestType) Valid() bool { return t == Import || t == Export }
