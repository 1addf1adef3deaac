package airlock

// Stage is one of the storage accounts a request's bytes pass through, named as
// in the specification.
type Stage string

// The ten stage accounts. The first five belong to the core, the others to a
// workspace.
const (
	ImportExternal   Stage = "stalimex"
	ImportInProgress Stage = "stalimip"
	ImportRejected   Stage = "stalimrej"
	ImportBlocked    Stage = "stalimblocked"
	ExportApproved   Stage = "stalexapp"
	ImportApproved   Stage = "stalimapp"
	ExportInternal   Stage = "stalexint"
	ExportInProgress Stage = "stalexip"
	ExportRejected   Stage = "stalexrej"
	ExportBlocked    Stage = "stalexblocked"
)

// CoreStages and WorkspaceStages say where each account belongs.
var (
	CoreStages      = []Stage{ImportExternal, ImportInProgress, ImportRejected, ImportBlocked, ExportApproved}
	WorkspaceStages = []Stage{ImportApproved, ExportInternal, ExportInProgress, ExportRejected, ExportBlocked}
)

// Reach is the network from which people reach the containers of a stage.
type Reach string

// The reaches. A stage that nobody is to reach has none.
const (
	FromInternet  Reach = "internet"
	FromReview    Reach = "review" // the networks in which imports are reviewed
	FromWorkspace Reach = "workspace"
)

// ReachOf returns from where people reach a stage, "" for one that nobody reaches. The
// networks themselves are infra/stage's.
func ReachOf(stage Stage) Reach {
	switch stage {
	case ImportExternal, ExportApproved:
		return FromInternet
	case ImportInProgress:
		return FromReview
	case ImportApproved, ExportInternal, ExportInProgress:
		return FromWorkspace
	}
	return ""
}

// stageOf holds, per direction, the account that has the bytes in a status.
// Statuses that are not listed have no bytes of their own.
var stageOf = map[RequestType]map[Status]Stage{
	Import: {
		Draft: ImportExternal, Returned: ImportExternal, ReturnInProgress: ImportInProgress, Submitted: ImportInProgress, InReview: ImportInProgress, ApprovalInProgress: ImportInProgress,
		RejectionInProgress: ImportInProgress, BlockingInProgress: ImportInProgress,
		Approved: ImportApproved, Rejected: ImportRejected, BlockedByScan: ImportBlocked,
	},
	Export: {
		Draft: ExportInternal, Returned: ExportInternal, ReturnInProgress: ExportInProgress, Submitted: ExportInProgress, InReview: ExportInProgress, ApprovalInProgress: ExportInProgress,
		RejectionInProgress: ExportInProgress, BlockingInProgress: ExportInProgress,
		Approved: ExportApproved, Rejected: ExportRejected, BlockedByScan: ExportBlocked,
	},
}

// StageOf returns the account that holds a request's bytes in a status, and
// false when none does (cancelled, revoked, failed).
func StageOf(t RequestType, s Status) (Stage, bool) {
	stage, ok := stageOf[t][s]
	return stage, ok
}

// DestinationOf returns the account to which the bytes move in a *_in_progress
// status (submitted moves into in-progress), and false for any other status.
func DestinationOf(t RequestType, s Status) (Stage, bool) {
	end, ok := map[Status]Status{Submitted: Submitted, ReturnInProgress: Returned, ApprovalInProgress: Approved,
		RejectionInProgress: Rejected, BlockingInProgress: BlockedByScan}[s]
	if !ok {
		return "", false
	}
	return StageOf(t, end)
}

// SourceOf returns the account from which the bytes move in a moving status.
func SourceOf(t RequestType, s Status) (Stage, bool) {
	if s == Submitted {
		return StageOf(t, Draft)
	}
	if s.Moving() {
		return StageOf(t, s)
	}
	return "", false
}

// StagesOf lists every account a request of a direction can ever have bytes in.
func StagesOf(t RequestType) []Stage {
	var out []Stage
	for _, s := range []Status{Draft, Submitted, Approved, Rejected, BlockedByScan} {
		out = append(out, stageOf[t][s])
	}
	return out
}

// Removal says what became of a container that was to go.
type Removal string

// The outcomes.
const (
	Removed Removal = "removed" // it was there, and is gone or going
	Absent  Removal = "absent"  // it was not there
	Kept    Removal = "kept"    // another one of that name, made or changed later, is there and stays
)
