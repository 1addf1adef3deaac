package audit

import "example.org/airlock/handler/airlock"

// Action says what a record is about: a trigger that changed the status, or one
// of these. docs/audit-format.md describes each of them.
type Action string

// The actions that are no trigger.
const (
	LinkIssued       Action = "link_issued"
	Refused          Action = "refused"
	Copied           Action = "copied"
	ScanVerdict      Action = "scan_verdict"
	Rescan           Action = "rescan"
	Waiting          Action = "waiting"
	Overdue          Action = "overdue"
	ReceiptStored    Action = "receipt_stored"
	RevocationStored Action = "revocation_stored"
	DataDeleted      Action = "data_deleted"
	DataAbsent       Action = "data_absent"
	DataKept         Action = "data_kept"
	RetentionEnded   Action = "retention_ended"
	DraftExpiring    Action = "draft_expiring"
	NotifiedAgain    Action = "notified_again"
	Held             Action = "held"
	HoldEnded        Action = "hold_ended"
	RowSealed        Action = "row_sealed"
	TurnEnded        Action = "turn_ended"
	TurnStarted      Action = "turn_started"
	ApprovalsSet     Action = "approvals_set"
	Unblinded        Action = "unblinded"
	Withheld         Action = "withheld"
	Claimed          Action = "claimed"
	ClaimEnded       Action = "claim_ended"
	Commented        Action = "comment"
	CommentRetracted Action = "comment_retracted"
	RequestEdited    Action = "request_edited"
	Replaced         Action = "replaced"
	Imported         Action = "imported"
	GateStarted      Action = "gate_started"
	GateVerdict      Action = "gate_verdict"
	GateInconclusive Action = "gate_inconclusive"
)

// The actions of people and engines that look at what gates found.
const (
	FindingsAcknowledged Action = "findings_acknowledged"
	ExcerptRead          Action = "excerpt_read"
	GateLinkIssued       Action = "gate_link_issued"
)

// The actions in the trail of a workspace.
const (
	WorkspaceAdmitted Action = "workspace_admitted"
	WorkspaceWritten  Action = "workspace_written"
	WorkspaceAccepted Action = "workspace_accepted"
	ContainerSwept    Action = "container_swept"
)

// Actions lists them.
func Actions() []Action {
	return []Action{LinkIssued, Refused, Copied, ScanVerdict, Rescan, Waiting, Overdue, ReceiptStored, RevocationStored, DataDeleted, DataAbsent, DataKept, RetentionEnded, DraftExpiring, NotifiedAgain, Held, HoldEnded, RowSealed, TurnEnded, TurnStarted, ApprovalsSet, Unblinded, Withheld, Claimed, ClaimEnded, Commented, CommentRetracted, RequestEdited, Replaced, Imported,
		GateStarted, GateVerdict, GateInconclusive, FindingsAcknowledged, ExcerptRead, GateLinkIssued, WorkspaceAdmitted, WorkspaceWritten, WorkspaceAccepted, ContainerSwept}
}

// Of is the action of a record about a trigger.
func Of(on airlock.Trigger) Action { return Action(on) }
