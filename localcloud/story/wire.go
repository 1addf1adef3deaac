package story

import (
	"strings"
)

// Words of the API.
const (
	Import = "import"
	Export = "export"

	Draft               = "draft"
	Submitted           = "submitted"
	InReview            = "in_review"
	ReturnInProgress    = "return_in_progress"
	Returned            = "returned"
	ApprovalInProgress  = "approval_in_progress"
	Approved            = "approved"
	RejectionInProgress = "rejection_in_progress"
	Rejected            = "rejected"
	Cancelled           = "cancelled"
	BlockingInProgress  = "blocking_in_progress"
	BlockedByScan       = "blocked_by_scan"
	Failed              = "failed"
	Revoked             = "revoked"
)

// Personas of the local cloud.
const (
	Researcher        = "researcher"
	Researcher2       = "researcher2"
	Owner             = "owner"
	Manager           = "manager"
	Manager2          = "manager2"
	Manager3          = "manager3"
	Senior            = "senior"
	ResearcherManager = "researcher-manager"
	Admin             = "admin"
	// Robot is an application with the roles of an airlock manager and an owner. Its tokens do not say that it is one.
	Robot = "robot"
	// Engine is an application that is an external gate.
	Engine = "engine"
)

// ended lists the statuses after which nothing happens by itself.
var ended = []string{Approved, Rejected, Cancelled, BlockedByScan, Failed, Revoked}

// Request is a request as the API shows it.
type Request struct {
	ID            string   `json:"id"`
	Version       int      `json:"resourceVersion"`
	Type          string   `json:"type"`
	Workspace     string   `json:"workspaceId"`
	Status        string   `json:"status"`
	StatusMessage *string  `json:"statusMessage"`
	CreatedBy     Actor    `json:"createdBy"`
	UpdatedBy     Actor    `json:"updatedBy"`
	History       []Change `json:"history"`
	Files         []struct {
		Name   string  `json:"name"`
		Size   float64 `json:"size"`
		SHA256 string  `json:"sha256"`
		Change string  `json:"change"`
		From   string  `json:"from"`
	} `json:"files"`
	Turn    int `json:"turn"`
	Changes *struct {
		New, Changed, Unchanged, Renamed, Removed int
		Gone                                      []string
	} `json:"changes"`
	Reviews []struct {
		Reviewer    Actor  `json:"reviewer"`
		Decision    string `json:"reviewDecision"`
		Explanation string `json:"decisionExplanation"`
	} `json:"reviews"`
	ETag string `json:"_etag"`
}

// Actor is somebody who did something.
type Actor struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind"` // in records of the trail
}

// Change is one past version.
type Change struct {
	Version    int   `json:"resourceVersion"`
	By         Actor `json:"updatedBy"`
	Properties struct {
		Status string `json:"previousStatus"`
	} `json:"properties"`
}

// Message is the status message, "" for none.
func (r Request) Message() string {
	if r.StatusMessage == nil {
		return ""
	}
	return *r.StatusMessage
}

// Steps lists who brought the request to which status, in order: "researcher draft", "system in_review".
func (r Request) Steps() []string {
	var steps []string
	add := func(by Actor, status string) {
		step := nameOf(by) + " " + status
		if len(steps) == 0 || !strings.HasSuffix(steps[len(steps)-1], " "+status) {
			steps = append(steps, step)
		}
	}
	for _, change := range r.History {
		add(change.By, change.Properties.Status)
	}
	add(r.UpdatedBy, r.Status)
	return steps
}

// envelope is how the API wraps a request.
type envelope struct {
	Request Request  `json:"airlockRequest"`
	Actions []string `json:"allowedUserActions"`
}
