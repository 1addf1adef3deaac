package notify

import (
	"time"

	"example.org/airlock/handler/airlock"
)

// data is the data of airlockNotification 4.0, whose members existing notifiers
// read, followed by the additions.
type data struct {
	EventType string `json:"event_type"` // "status_changed", "overdue", "malware_found" or "draft_expiring"
	// ByRole holds the members of each role as far as the directory could be
	// asked; a role without members is absent.
	ByRole    map[string][]string `json:"recipient_emails_by_role"`
	Request   request             `json:"request"`
	Workspace workspace           `json:"workspace"`

	// Recipients are the addresses the rule table chose, the requestor's first.
	// It is always there and may be empty: then nobody is to be told.
	Recipients []string `json:"recipients"`
	Subject    string   `json:"subject"`     // one line: which request, and what has happened
	Message    string   `json:"message"`     // a sentence or two: what has happened
	Next       string   `json:"next"`        // what happens next and who does it, then a line for each way to do it
	HeldBy     string   `json:"held_by"`     // the same for programs: requestor, airlock_manager, system or nobody
	RequestURL string   `json:"request_url"` // where the request is seen
}

type request struct {
	ID            airlock.RequestID   `json:"id"`
	Title         string              `json:"title"` // an addition
	CreatedWhen   float64             `json:"created_when"`
	CreatedBy     person              `json:"created_by"`
	UpdatedWhen   float64             `json:"updated_when"`
	UpdatedBy     person              `json:"updated_by"`
	Type          airlock.RequestType `json:"request_type"`
	Files         []file              `json:"files"`
	Status        airlock.Status      `json:"status"`
	Justification string              `json:"business_justification"`
}

type person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

type file struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

type workspace struct {
	ID          airlock.WorkspaceID `json:"id"`
	DisplayName string              `json:"display_name"`
	Description string              `json:"description"`
}

func requestOf(r airlock.Request) request {
	out := request{
		ID: r.ID, Title: r.Title, Type: r.Type, Status: r.Status, Justification: r.Justification, Files: []file{},
		CreatedWhen: seconds(r.CreatedWhen), CreatedBy: person{r.CreatedBy.Name, r.CreatedBy.Email},
		UpdatedWhen: seconds(r.UpdatedWhen), UpdatedBy: person{r.UpdatedBy.Name, r.UpdatedBy.Email},
	}
	for _, f := range r.Files {
		out.Files = append(out.Files, file{f.Name, f.Size})
	}
	return out
}

// seconds is a time as the existing contract has it: seconds since 1970 with a
// fraction.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
