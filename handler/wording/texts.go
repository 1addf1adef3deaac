package wording

import "example.org/airlock/handler/airlock"

// Overdue is the kind of text about a request that has been in its status longer than
// the policy allows.
const Overdue = "overdue"

var (
	callReview   = Call{"Decision", "POST", "/review"}
	callRead     = Call{"Link to read the files", "GET", "/link"}
	callSubmit   = Call{"Submit", "POST", "/submit"}
	callCancel   = Call{"Cancel", "POST", "/cancel"}
	callUpload   = Call{"Link for the upload", "GET", "/link"}
	callRetry    = Call{"Go on", "POST", "/retry"}
	callComments = Call{"Comments", "GET", "/comments"}
	callRevoke   = Call{"Revoke", "POST", "/revoke"}
)

// texts has one row per status.
var texts = map[airlock.Status]Text{
	airlock.Draft: {"waits for its files", "{The request} in workspace {workspace} was created and waits for its files.",
		"{Requestor} uploads the files and then submits the request.", Requestor, []Call{callUpload, callSubmit}},
	airlock.Submitted: {"submitted", "{The request} in workspace {workspace} was submitted with {files}.",
		"The airlock copies {the files}{scan}; nobody has to do anything.", System, nil},
	airlock.InReview: {"ready for review", "{The request} of {requestor} in workspace {workspace}, with {files}, is ready for review.{changes}{note}",
		"{Reviewers} {the files} and {approve or reject} the request.", Manager, []Call{callRead, callReview}},
	airlock.ReturnInProgress: {"being returned", "{The request} in workspace {workspace} is being returned: {reviewer} asks for changes.",
		"The airlock copies {the files} back to the draft; nobody has to do anything.", System, nil},
	airlock.Returned: {"returned, changes requested", "{The request} in workspace {workspace} was returned: {reviewer} asks for changes.{asked}",
		"{Requestor} changes the files and submits the request again, or cancels it.", Requestor, []Call{callUpload, callSubmit, callCancel}},
	airlock.ApprovalInProgress: {"approved, files on their way", "{The request} in workspace {workspace} was approved by {approvers}.",
		"The airlock copies {the files} to the destination and compares {them} with what was reviewed; nobody has to do anything.", System, nil},
	airlock.Approved: {"approved, files ready", "{The request} in workspace {workspace} is approved and {its files are} at the destination.",
		"{Requestor} {fetches the files}.", Requestor, []Call{callRead}},
	airlock.RejectionInProgress: {"rejected", "{The request} in workspace {workspace} was rejected by {reviewer}.",
		"The airlock moves {the files} out of everybody's reach; nobody has to do anything. The reviewer's explanation is with the request.", System, nil},
	airlock.Rejected: {"rejected and ended", "{The request} in workspace {workspace} is rejected and {its files are} out of everybody's reach.",
		"The request has ended. The reviewer's explanation is with it; a new request can take it into account.", Nobody, nil},
	airlock.Cancelled: {"cancelled", "{The request} in workspace {workspace} was cancelled by {actor}.",
		"The request has ended and its data is deleted.", Nobody, nil},
	airlock.BlockingInProgress: {"being blocked", "{The request} in workspace {workspace} is being blocked by the security scan.{reason}",
		"The airlock moves {the files} into quarantine; nobody has to do anything.", System, nil},
	airlock.BlockedByScan: {"blocked by the security scan", "{The request} in workspace {workspace} was blocked by the security scan.{reason}",
		"The airlock keeps {the files} in quarantine, where nobody can reach {them}.", Nobody, nil},
	airlock.Failed: {"failed, somebody has to act", "{The request} in workspace {workspace} failed{cause}.",
		"A workspace owner or an airlock manager has the cause mended and then lets the request go on. {Requestor} or a workspace owner may also cancel it, which deletes the data.", Manager, []Call{callRetry, callCancel}},
	airlock.Revoked: {"approval revoked", "The approval of {the request} in workspace {workspace} was revoked by {actor}.",
		"The request has ended. The approved data is deleted and links to it no longer work.", Nobody, nil},
}

// overdueTexts stand in for a status that has lasted too long.
var overdueTexts = map[airlock.Status]Text{
	airlock.Draft: {"overdue, not submitted", "{The request} in workspace {workspace} was created by {requestor} on {since} and has not been submitted.",
		"{Requestor} submits the request or cancels it.", Requestor, []Call{callUpload, callSubmit, callCancel}},
	airlock.Returned: {"overdue, not submitted again", "{The request} of {requestor} in workspace {workspace} was returned on {since} and has not been submitted again.",
		"{Requestor} changes the files and submits the request again, or cancels it.", Requestor, []Call{callUpload, callSubmit, callCancel}},
	airlock.InReview: {"overdue, not reviewed", "{The request} of {requestor} in workspace {workspace}, with {files}, has waited for a review since {since}.{note}",
		"{Reviewers} {the files} and {approve or reject} the request.", Manager, []Call{callRead, callReview}},
}

var overdueElsewhere = Text{"overdue, {status}", "{The request} in workspace {workspace} has been {status} since {since}, longer than it should.{note}",
	"The airlock goes on trying; its operators have an alert.", System, nil}

// Texts about requests in a status that is not the whole story.
var (
	onHold = Text{"on hold", "{The request} in workspace {workspace} is on hold: a scan result could not be read.",
		"An operator of the airlock looks at the scan result; then the airlock goes on.", System, nil}
	dataDeleted = Text{"files deleted", "{The request} in workspace {workspace} has ended and {its files are} deleted, because their retention ended.",
		"The request has ended and {its files are} deleted, because their retention ended.", Nobody, nil}
)

// Texts about malware that was found where no gate stops it.
var (
	malwareReleased = Text{"malware found in released files", "The malware scan reports malware in {the released files} of {the request} in workspace {workspace}.{note}",
		"Whoever has {the files} stops using {them}. An airlock manager decides whether to revoke the approval, which deletes what was released.", Manager, []Call{callRevoke}}
	malwareElsewhere = Text{"malware found", "The malware scan reports malware in {the files} of {the request} in workspace {workspace}, which is {status}.{note}",
		"The airlock's operators have an alert. {Requestor} finds out where the malware comes from.", Requestor, nil}
)

// noticeTexts are those of notices whose words do not depend on the status.
var noticeTexts = map[string]Text{
	airlock.NoticeDraftExpiring: expiring,
	airlock.NoticeDisagreement: {"reviewers differ", "The reviewers of {the request} of {requestor} in workspace {workspace} have decided differently. Each now sees what the others decided.",
		"The reviewers discuss; whoever changes their mind decides anew. The review ends when they agree.", Manager, []Call{callRead, callReview}},
	airlock.NoticeThirdReviewer: {"one more reviewer wanted", "The reviewers of {the request} of {requestor} in workspace {workspace} have decided differently.",
		"Another airlock manager other than the requestor decides; the majority counts.", Manager, []Call{callRead, callReview}},
	airlock.NoticeClaimExpired: {"waits for a reviewer again", "The claim of a reviewer on {the request} of {requestor} in workspace {workspace} has ended.",
		"{Reviewers} {the files} and {approve or reject} the request.", Manager, []Call{callRead, callReview}},
	airlock.NoticeComment: {"new comments", "{The request} of {requestor} in workspace {workspace} has new comments.",
		"The comments are with the request.", Nobody, []Call{callComments}},
	airlock.NoticeReviewerComment: {"new comments of reviewers", "{The request} of {requestor} in workspace {workspace} has new comments for reviewers.",
		"The comments are with the request.", Manager, []Call{callComments}},
}

// Texts about drafts that nobody submits.
var (
	expiring = Text{"draft expires soon", "{The request} in workspace {workspace} was created by {requestor} on {since} and has not been submitted. It expires soon.",
		"{Requestor} submits the request. Otherwise the airlock cancels it in a few days and deletes what was uploaded.", Requestor, []Call{callUpload, callSubmit, callCancel}}
	expired = Text{"draft expired", "{The request} in workspace {workspace} was cancelled.{note}",
		"The request has ended and its data is deleted.", Nobody, nil}
)

// statusWords say what a request does in a status that the system holds.
var statusWords = map[airlock.Status]string{
	airlock.Submitted: "waiting to be copied and checked", airlock.ApprovalInProgress: "on its way to its destination",
	airlock.ReturnInProgress:    "on its way back to its requestor",
	airlock.RejectionInProgress: "on its way out of reach", airlock.BlockingInProgress: "on its way into quarantine",
}

// Of returns the words for a notice: kind is a status, Overdue, or one of airlock's kinds of
// notices.
func Of(kind string, r airlock.Request) Text {
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
	if t, ok := noticeTexts[kind]; ok {
		return t
	}
	if kind == string(airlock.Cancelled) && r.UpdatedBy.Kind() == airlock.KindSystem {
		return expired
	}
	if t, ok := texts[airlock.Status(kind)]; ok {
		return t
	}
	return Text{"{status}", "{The request} in workspace {workspace} is {status}.", "The request itself says more.", System, nil}
}

// archived is about a request that ended in another airlock.
var archived = Text{"ended in the airlock used before", "{The request} in workspace {workspace} ended in the airlock that was used before: it is {status}.",
	"The request is here to be read. Its files stayed where they were.", Nobody, nil}

// Now returns the words for a request as it stands. It decides by what a listing shows
// too, so that a request is held by the same in a list and by itself.
func Now(r airlock.Request) Text {
	switch {
	case r.Archived():
		return archived
	case !r.Work.DataDeleted.IsZero():
		return dataDeleted
	case r.Status == airlock.ApprovalInProgress && len(r.Holds) > 0:
		return onHold
	case r.Status == airlock.Approved && r.StatusMessage != "": // only malware that was found since is told there
		return malwareReleased
	}
	return Of(string(r.Status), r)
}

// StatusesOf lists the statuses in which a request is held by somebody, as far as the
// status alone says it.
func StatusesOf(holder string) []airlock.Status {
	var held []airlock.Status
	for _, s := range airlock.Statuses() {
		if texts[s].HeldBy == holder {
			held = append(held, s)
		}
	}
	return held
}
