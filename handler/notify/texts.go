package notify

import (
	"fmt"
	"strings"
	"unicode"

	"example.org/airlock/handler/airlock"
)

// text is what people read: what has happened, and what happens next and who
// holds it. Placeholders in braces are filled by words.
type text struct {
	message string
	next    string
	holder  string // who has to act: a recipient's name of rules.go, "system" or "nobody"
}

// Who holds a request, beside the names of rules.go.
const (
	heldBySystem = "system"
	heldByNobody = "nobody"
)

// texts has one row per kind of notice. A link is never in a notice, only the
// way to get one: a notice is read by mail servers and forwarded by people.
var texts = map[string]text{
	string(airlock.Draft): {"{The request} in workspace {workspace} was created.",
		"{requestor} uploads the files and submits the request. POST {url}/link gives the link for the upload.", Requestor},
	string(airlock.Submitted): {"{The request} in workspace {workspace} was submitted with {files}.",
		"The airlock copies and checks the files now; nobody has to do anything.", heldBySystem},
	string(airlock.InReview): {"{The request} of {requestor} in workspace {workspace}, {files}, is ready for review.",
		"{Reviewers} look at the files and approve or reject the request. POST {url}/link gives the link to read them, POST {url}/review takes the decision.", Manager},
	string(airlock.ApprovalInProgress): {"{The request} in workspace {workspace} was approved by {reviewer}.",
		"The airlock moves the files to their destination now; nobody has to do anything.", heldBySystem},
	string(airlock.Approved): {"{The request} in workspace {workspace} is approved and its files are at their destination.",
		"{requestor} fetches the files {from}. POST {url}/link gives the link to read them.", Requestor},
	string(airlock.RejectionInProgress): {"{The request} in workspace {workspace} was rejected by {reviewer}.",
		"The airlock moves the files out of reach now; the reviewer's explanation is with the request.", heldBySystem},
	string(airlock.Rejected): {"{The request} in workspace {workspace} is rejected.",
		"This request has ended. The reviewer's explanation is with it; a new request can take it into account.", heldByNobody},
	string(airlock.Cancelled): {"{The request} in workspace {workspace} was cancelled by {actor}.",
		"This request has ended and its files are deleted.", heldByNobody},
	string(airlock.BlockingInProgress): {"{The request} in workspace {workspace} is being blocked{reason}.",
		"The airlock moves the files into quarantine now; nobody has to do anything.", heldBySystem},
	string(airlock.BlockedByScan): {"{The request} in workspace {workspace} was blocked by the security scan{reason}.",
		"This request has ended and its files are in quarantine, where nobody can reach them.", heldByNobody},
	string(airlock.Failed): {"{The request} in workspace {workspace} failed{cause}.",
		"A workspace owner or an airlock manager has the cause mended and then continues the request with POST {url}/retry.", Manager},
	string(airlock.Revoked): {"The approval of {the request} in workspace {workspace} was revoked by {actor}.",
		"This request has ended; its approved files are deleted and links to them no longer work.", heldByNobody},
}

// overdueTexts stand in for a status that has lasted too long.
var overdueTexts = map[airlock.Status]text{
	airlock.Draft: {"{The request} in workspace {workspace} has not been submitted since {since}.",
		"{requestor} submits it with POST {url}/submit or cancels it with POST {url}/cancel.", Requestor},
	airlock.InReview: {"{The request} of {requestor} in workspace {workspace} has waited for a review since {since}.",
		"{Reviewers} look at the files and approve or reject the request. POST {url}/link gives the link to read them, POST {url}/review takes the decision.", Manager},
}

var overdueElsewhere = text{"{The request} in workspace {workspace} has been {status} since {since}, longer than it should{waiting}.",
	"The airlock goes on trying; its operators have an alert.", heldBySystem}

// textOf returns the words for a notice.
func textOf(kind string, r airlock.Request) text {
	if kind == Overdue {
		if t, ok := overdueTexts[r.Status]; ok {
			return t
		}
		return overdueElsewhere
	}
	if t, ok := texts[kind]; ok {
		return t
	}
	return text{"{The request} in workspace {workspace} is {status}.", "{url} shows it.", heldBySystem}
}

// fill replaces the placeholders of a text. Replaced text is not looked at
// again, so a title cannot smuggle a placeholder in.
func fill(s string, r airlock.Request, ws airlock.Workspace, url string) string {
	request := fmt.Sprintf("%s request “%s”", r.Type, line(r.Title, airlock.MaxTitle))
	return strings.NewReplacer(
		"{The request}", "The "+request, "{the request}", "the "+request,
		"{workspace}", line(ws.DisplayName, airlock.MaxTitle),
		"{requestor}", name(r.CreatedBy), "{actor}", name(r.UpdatedBy), "{reviewer}", reviewer(r),
		"{Reviewers}", reviewers(r), "{files}", files(r.Files), "{from}", destination(r.Type),
		"{status}", strings.ReplaceAll(string(r.Status), "_", " "), "{since}", r.StatusSince.UTC().Format("2 January 2006"),
		"{reason}", after(": ", firstOf(r.BlockReason, r.StatusMessage)), "{waiting}", after(": ", r.StatusMessage),
		"{cause}", after(": ", cause(r)), "{url}", url,
	).Replace(s)
}

func reviewer(r airlock.Request) string {
	if n := len(r.Reviews); n > 0 {
		return name(r.Reviews[n-1].Reviewer)
	}
	return name(r.UpdatedBy)
}

func reviewers(r airlock.Request) string {
	if missing := r.ApprovalsRequired - r.Approvals(); missing > 1 {
		return fmt.Sprintf("%d airlock managers other than the requestor", missing)
	}
	return "An airlock manager other than the requestor"
}

func files(list []airlock.File) string {
	if len(list) == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", len(list))
}

func destination(t airlock.RequestType) string {
	if t == airlock.Import {
		return "from inside the workspace"
	}
	return "from the airlock"
}

func cause(r airlock.Request) string {
	if r.Failure != nil {
		return r.Failure.Cause
	}
	return r.StatusMessage
}

func name(p airlock.Principal) string {
	if n := line(p.Name, airlock.MaxTitle); n != "" {
		return n
	}
	return "somebody"
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// after puts a part of a sentence behind a separator, and nothing when there is
// none. A full stop at its end is dropped: the sentence has its own.
func after(separator, s string) string {
	s = strings.TrimSuffix(line(s, 500), ".")
	if s == "" {
		return ""
	}
	return separator + s
}

// line makes text of people fit for one line of a mail: no line breaks, no
// other control characters, at most limit characters.
func line(s string, limit int) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		// Bidirectional controls would turn the rest of the sentence around.
		if unicode.IsControl(r) || r == 0x2028 || r == 0x2029 || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, s)), " ")
	if runes := []rune(s); len(runes) > limit {
		s = string(runes[:limit-1]) + "…"
	}
	return s
}
