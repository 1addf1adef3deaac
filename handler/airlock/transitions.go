package airlock

// Trigger is the reason a request changes status.
type Trigger string

// The triggers.
const (
	TriggerCreate       Trigger = "create"
	TriggerSubmit       Trigger = "submit"
	TriggerCancel       Trigger = "cancel"
	TriggerGatesPassed  Trigger = "gates_passed"
	TriggerMalicious    Trigger = "malicious_verdict"
	TriggerInconclusive Trigger = "inconclusive_scan"
	TriggerApprove      Trigger = "approve"
	TriggerReject       Trigger = "reject"
	TriggerChanges      Trigger = "request_changes"
	TriggerGateReturned Trigger = "gate_returned"
	TriggerGateBlocked  Trigger = "gate_blocked"
	TriggerCopyVerified Trigger = "copy_verified"
	TriggerRevoke       Trigger = "revoke"
	TriggerFail         Trigger = "cannot_succeed"
	TriggerRetry        Trigger = "retry"
	TriggerGiveUp       Trigger = "give_up"
	TriggerExpire       Trigger = "expire"
	TriggerLateMalware  Trigger = "late_malware"
)

// Triggers lists every trigger.
func Triggers() []Trigger {
	return []Trigger{TriggerCreate, TriggerSubmit, TriggerCancel, TriggerGatesPassed, TriggerMalicious, TriggerInconclusive,
		TriggerApprove, TriggerReject, TriggerChanges, TriggerGateReturned, TriggerGateBlocked, TriggerCopyVerified, TriggerRevoke, TriggerFail, TriggerRetry, TriggerGiveUp, TriggerExpire, TriggerLateMalware}
}

// Actor is the part somebody plays towards one request.
type Actor string

// The actors. Which of them a caller is follows from the token's roles and from
// who created the request: see ActorsOf.
const (
	Requestor  Actor = "requestor"
	Researcher Actor = "other researcher"
	// Colleague is another researcher or owner where the policy's access.colleagues
	// is read or full, FullColleague where it is full.
	Colleague      Actor = "colleague"
	FullColleague  Actor = "colleague with full access"
	Owner          Actor = "workspace owner"
	AirlockManager Actor = "airlock manager"
	TREAdmin       Actor = "TRE administrator"
	// ExternalEngine is an application that the policy lets speak for an external gate.
	ExternalEngine Actor = "external gate"
	System         Actor = "system"
)

// NoStatus is where a request comes from that does not exist yet.
const NoStatus Status = ""

// StatusBeforeFailure stands in the table for the status recorded when a
// request failed; Next resolves it.
const StatusBeforeFailure Status = "(the status it failed in)"

// Transition is one row of the rule book.
type Transition struct {
	From Status
	On   Trigger
	By   []Actor
	To   Status
	Why  string // one line for auditors, printed into docs/states.md
}

// transitions is the whole state machine. A pair that is not listed is
// forbidden: new behaviour is a new row, so a reviewer sees it.
var transitions = []Transition{
	{NoStatus, TriggerCreate, []Actor{Requestor}, Draft, "the requestor gets a container of their own to upload to"},
	{Draft, TriggerSubmit, []Actor{Requestor, FullColleague}, Submitted, "the manifest is frozen: names, sizes, ETags"},
	{Draft, TriggerCancel, []Actor{Requestor, Owner, TREAdmin, FullColleague}, Cancelled, "nothing has left the draft container"},
	{Draft, TriggerExpire, []Actor{System}, Cancelled, "it was not submitted in the time that the policy gives; people were told before, and the data is deleted"},
	{Draft, TriggerFail, []Actor{System}, Failed, "cannot ever succeed; the cause is recorded"},
	{Submitted, TriggerGatesPassed, []Actor{System}, InReview, "all files copied and verified, and clean where scanning is on"},
	{Submitted, TriggerGateReturned, []Actor{System}, ReturnInProgress, "the finding of a gate that the policy sends back"},
	{Submitted, TriggerMalicious, []Actor{System}, BlockingInProgress, "a malicious verdict for the sealed bytes; they are quarantined"},
	{Submitted, TriggerGateBlocked, []Actor{System}, BlockingInProgress, "a gate found what must not go on; the bytes are quarantined"},
	{Submitted, TriggerInconclusive, []Actor{System}, BlockingInProgress, "no verdict to be had and the policy blocks what nobody has scanned, or could judge"},
	{Submitted, TriggerFail, []Actor{System}, Failed, "the source changed or is gone since submit, or cannot ever succeed"},
	{Submitted, TriggerGiveUp, []Actor{Owner, TREAdmin}, Failed, "nobody will wait for it any longer; the reason is recorded"},
	{InReview, TriggerApprove, []Actor{AirlockManager}, ApprovalInProgress, "approvals reached the policy's number; recorded before any byte moves"},
	{InReview, TriggerReject, []Actor{AirlockManager}, RejectionInProgress, "one rejection ends the review"},
	{InReview, TriggerChanges, []Actor{AirlockManager}, ReturnInProgress, "a reviewer says what must change; recorded before any byte moves"},
	{InReview, TriggerMalicious, []Actor{System}, BlockingInProgress, "a late malicious verdict for the bytes under review: malicious wins"},
	{InReview, TriggerGateBlocked, []Actor{System}, BlockingInProgress, "a gate's late word that the bytes must not go on"},
	{InReview, TriggerCancel, []Actor{Requestor, Owner, TREAdmin, FullColleague}, Cancelled, "withdrawn before a decision; the data is deleted"},
	{InReview, TriggerFail, []Actor{System}, Failed, "the bytes under review changed, or cannot ever succeed"},
	{ReturnInProgress, TriggerCopyVerified, []Actor{System}, Returned, "the requestor's files lie in the draft account again"},
	{ReturnInProgress, TriggerMalicious, []Actor{System}, BlockingInProgress, "a late malicious verdict before the files are back: malicious wins"},
	{ReturnInProgress, TriggerFail, []Actor{System}, Failed, "cannot ever succeed; the cause is recorded"},
	{ReturnInProgress, TriggerGiveUp, []Actor{Owner, TREAdmin}, Failed, "nobody will wait for it any longer; the reason is recorded"},
	{Returned, TriggerSubmit, []Actor{Requestor, FullColleague}, Submitted, "the next turn: a new manifest is frozen"},
	{Returned, TriggerCancel, []Actor{Requestor, Owner, TREAdmin, FullColleague}, Cancelled, "withdrawn; nothing has left the draft container"},
	{Returned, TriggerExpire, []Actor{System}, Cancelled, "it was not submitted again in the time that the policy gives; people were told before, and the data is deleted"},
	{Returned, TriggerFail, []Actor{System}, Failed, "cannot ever succeed; the cause is recorded"},
	{ApprovalInProgress, TriggerCopyVerified, []Actor{System}, Approved, "the bytes at the destination are the reviewed ones"},
	{ApprovalInProgress, TriggerMalicious, []Actor{System}, BlockingInProgress, "a late malicious verdict before the release is done: malicious wins"},
	{ApprovalInProgress, TriggerGateBlocked, []Actor{System}, BlockingInProgress, "a gate's late word that the bytes must not go on, before the release is done"},
	{ApprovalInProgress, TriggerFail, []Actor{System}, Failed, "cannot ever succeed; the cause is recorded"},
	{ApprovalInProgress, TriggerGiveUp, []Actor{Owner, TREAdmin}, Failed, "nobody will wait for it any longer; the reason is recorded"},
	{RejectionInProgress, TriggerCopyVerified, []Actor{System}, Rejected, "the bytes are out of everybody's reach"},
	{RejectionInProgress, TriggerFail, []Actor{System}, Failed, "cannot ever succeed; the cause is recorded"},
	{RejectionInProgress, TriggerGiveUp, []Actor{Owner, TREAdmin}, Failed, "nobody will wait for it any longer; the reason is recorded"},
	{BlockingInProgress, TriggerCopyVerified, []Actor{System}, BlockedByScan, "the bytes are quarantined"},
	{BlockingInProgress, TriggerFail, []Actor{System}, Failed, "cannot ever succeed; the cause is recorded"},
	{BlockingInProgress, TriggerGiveUp, []Actor{Owner, TREAdmin}, Failed, "nobody will wait for it any longer; the reason is recorded"},
	{Approved, TriggerRevoke, []Actor{AirlockManager}, Revoked, "the approved data is deleted, so links that are out die"},
	{Approved, TriggerLateMalware, []Actor{System}, Revoked, "malware was reported in released files, and the policy revokes such a release"},
	{Failed, TriggerRetry, []Actor{Owner, AirlockManager, TREAdmin}, StatusBeforeFailure, "somebody mended the cause; the step runs again"},
	{Failed, TriggerCancel, []Actor{Requestor, Owner, TREAdmin}, Cancelled, "nobody will mend it; the data is deleted"},
	{BlockedByScan, TriggerRetry, []Actor{Owner, AirlockManager, TREAdmin}, Submitted, "nobody found malware: the bytes come back from quarantine and are scanned anew"},
}

// Transitions returns a copy of the rule book, for documents and tests.
func Transitions() []Transition { return append([]Transition(nil), transitions...) }

// TransitionFor returns the row that governs trigger on in status from, or a
// *TransitionError when the rule book has none.
func TransitionFor(from Status, on Trigger) (Transition, error) {
	for _, row := range transitions {
		if row.From == from && row.On == on {
			return row, nil
		}
	}
	return Transition{}, &TransitionError{From: from, On: on}
}
