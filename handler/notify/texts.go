package notify

import "example.org/airlock/handler/airlock"

// text is what people read: in a few words and in a sentence what has happened,
// then what happens next and who holds it. Placeholders in braces are filled by
// words.go. A link to files is never in a notice, only the way to get one: a
// notice is read by mail servers and forwarded by people.
type text struct {
	short   string // for a subject line
	message string
	next    string
	holder  string // who has to act: a recipient's name of rules.go, heldBySystem or heldByNobody
	calls   []call // how to act
}

// call is something the holder does, and the call of the API that does it.
type call struct{ what, method, path string }

// Who holds a request, beside the names of rules.go.
const (
	heldBySystem = "system"
	heldByNobody = "nobody"
)

var (
	callReview = call{"Decision", "POST", "/review"}
	callRead   = call{"Link to read the files", "GET", "/link"}
	callSubmit = call{"Submit", "POST", "/submit"}
	callCancel = call{"Cancel", "POST", "/cancel"}
	callUpload = call{"Link for the upload", "GET", "/link"}
	callRetry  = call{"Go on", "POST", "/retry"}
	callRevoke = call{"Revoke", "POST", "/revoke"}
)

// texts has one row per status.
var texts = map[airlock.Status]text{
	airlock.Draft: {"waits for its files", "{The request} in workspace {workspace} was created and waits for its files.",
		"{Requestor} uploads the files and then submits the request.", Requestor, []call{callUpload, callSubmit}},
	airlock.Submitted: {"submitted", "{The request} in workspace {workspace} was submitted with {files}.",
		"The airlock copies {the files}{scan}; nobody has to do anything.", heldBySystem, nil},
	airlock.InReview: {"ready for review", "{The request} of {requestor} in workspace {workspace}, with {files}, is ready for review.{note}",
		"{Reviewers} {the files} and {approve or reject} the request.", Manager, []call{callRead, callReview}},
	airlock.ReturnInProgress: {"being returned", "{Reviewer} asks for changes to {the request} in workspace {workspace}.",
		"The airlock copies {the files} back to the draft; nobody has to do anything.", heldBySystem, nil},
	airlock.Returned: {"returned, changes requested", "{Reviewer} asks for changes to {the request} in workspace {workspace}.{asked}",
		"{Requestor} changes the files and submits the request again, or cancels it.", Requestor, []call{callUpload, callSubmit, callCancel}},
	airlock.ApprovalInProgress: {"approved, files on their way", "{The request} in workspace {workspace} was approved by {approvers}.",
		"The airlock copies {the files} to the destination and compares {them} with what was reviewed; nobody has to do anything.", heldBySystem, nil},
	airlock.Approved: {"approved, files ready", "{The request} in workspace {workspace} is approved and {its files are} at the destination.",
		"{Requestor} {fetches the files}.", Requestor, []call{callRead}},
	airlock.RejectionInProgress: {"rejected", "{The request} in workspace {workspace} was rejected by {reviewer}.",
		"The airlock moves {the files} out of everybody's reach; nobody has to do anything. The reviewer's explanation is with the request.", heldBySystem, nil},
	airlock.Rejected: {"rejected and ended", "{The request} in workspace {workspace} is rejected and {its files are} out of everybody's reach.",
		"The request has ended. The reviewer's explanation is with it; a new request can take it into account.", heldByNobody, nil},
	airlock.Cancelled: {"cancelled", "{The request} in workspace {workspace} was cancelled by {actor}.",
		"The request has ended and its data is deleted.", heldByNobody, nil},
	airlock.BlockingInProgress: {"being blocked", "{The request} in workspace {workspace} is being blocked by the security scan.{reason}",
		"The airlock moves {the files} into quarantine; nobody has to do anything.", heldBySystem, nil},
	airlock.BlockedByScan: {"blocked by the security scan", "{The request} in workspace {workspace} was blocked by the security scan.{reason}",
		"The airlock keeps {the files} in quarantine, where nobody can reach {them}.", heldByNobody, nil},
	airlock.Failed: {"failed, somebody has to act", "{The request} in workspace {workspace} failed{cause}.",
		"A workspace owner or an airlock manager has the cause mended and then lets the request go on. {Requestor} or a workspace owner may also cancel it, which deletes the data.", Manager, []call{callRetry, callCancel}},
	airlock.Revoked: {"approval revoked", "The approval of {the request} in workspace {workspace} was revoked by {actor}.",
		"The request has ended. The approved data is deleted and links to it no longer work.", heldByNobody, nil},
}

// overdueTexts stand in for a status that has lasted too long.
var overdueTexts = map[airlock.Status]text{
	airlock.Draft: {"overdue, not submitted", "{The request} in workspace {workspace} was created by {requestor} on {since} and has not been submitted.",
		"{Requestor} submits the request or cancels it.", Requestor, []call{callUpload, callSubmit, callCancel}},
	airlock.Returned: {"overdue, not submitted again", "{The request} of {requestor} in workspace {workspace} was returned on {since} and has not been submitted again.",
		"{Requestor} changes the files and submits the request again, or cancels it.", Requestor, []call{callUpload, callSubmit, callCancel}},
	airlock.InReview: {"overdue, not reviewed", "{The request} of {requestor} in workspace {workspace}, with {files}, has waited for a review since {since}.{note}",
		"{Reviewers} {the files} and {approve or reject} the request.", Manager, []call{callRead, callReview}},
}

var overdueElsewhere = text{"overdue, {status}", "{The request} in workspace {workspace} has been {status} since {since}, longer than it should.{note}",
	"The airlock goes on trying; its operators have an alert.", heldBySystem, nil}

// Texts about malware that was found where no gate stops it.
var (
	malwareReleased = text{"malware found in released files", "The malware scan reports malware in {the released files} of {the request} in workspace {workspace}.{note}",
		"Whoever has {the files} stops using {them}. An airlock manager decides whether to revoke the approval, which deletes what was released.", Manager, []call{callRevoke}}
	malwareElsewhere = text{"malware found", "The malware scan reports malware in {the files} of {the request} in workspace {workspace}, which is {status}.{note}",
		"The airlock's operators have an alert. {Requestor} finds out where the malware comes from.", Requestor, nil}
)

// Texts about drafts that nobody submits.
var (
	expiring = text{"draft expires soon", "{The request} in workspace {workspace} was created by {requestor} on {since} and has not been submitted. It expires soon.",
		"{Requestor} submits the request. Otherwise the airlock cancels it in a few days and deletes what was uploaded.", Requestor, []call{callUpload, callSubmit, callCancel}}
	expired = text{"draft expired", "{The request} in workspace {workspace} was cancelled.{note}",
		"The request has ended and its data is deleted.", heldByNobody, nil}
)

// statusWords say what a request does in a status that the system holds.
var statusWords = map[airlock.Status]string{
	airlock.Submitted: "waiting to be copied and checked", airlock.ApprovalInProgress: "on its way to its destination",
	airlock.ReturnInProgress:    "on its way back to its requestor",
	airlock.RejectionInProgress: "on its way out of reach", airlock.BlockingInProgress: "on its way into quarantine",
}

// textOf returns the words for a notice.
func textOf(kind string, r airlock.Request) text {
	if kind == Overdue {
		if t, ok := overdueTexts[r.Status]; ok {
			return t
		}
		return overdueElsewhere
	}
	if kind == airlock.NoticeMalwareFound {
		if r.Status == airlock.Approved {
			return malwareReleased
		}
		return malwareElsewhere
	}
	if kind == airlock.NoticeDraftExpiring {
		return expiring
	}
	if kind == string(airlock.Cancelled) && r.UpdatedBy.Kind() == airlock.KindSystem {
		return expired
	}
	if t, ok := texts[airlock.Status(kind)]; ok {
		return t
	}
	return text{"{status}", "{The request} in workspace {workspace} is {status}.", "The request itself says more.", heldBySystem, nil}
}
