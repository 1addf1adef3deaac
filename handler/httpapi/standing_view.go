package httpapi

import (
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/wording"
)

// Standing says how a request stands: the same words as in notifications.
type Standing struct {
	HeldBy      Holder   `json:"heldBy" doc:"Who has to act."`
	Next        string   `json:"next" doc:"What happens next and who does it, in a sentence for people."`
	StatusSince float64  `json:"statusSince" doc:"When the status was reached, in seconds since 1970."`
	DueWhen     *float64 `json:"dueWhen" doc:"When the status has lasted as long as the workspace's policy allows, in seconds since 1970; null if it may last."`
	Overdue     bool     `json:"overdue" doc:"dueWhen has passed."`
}

// Holder is who holds a request.
type Holder string

// Schema lists the holders.
func (Holder) Schema(huma.Registry) *huma.Schema { return enumOf(wording.Holders()) }

func standingOf(ws airlock.Workspace, r airlock.Request, at time.Time) Standing {
	text := wording.Now(r)
	s := Standing{HeldBy: Holder(text.HeldBy), Next: text.NextFor(r, ws), StatusSince: seconds(r.StatusSince)}
	if limit := ws.Policy.Deadline(r.Status); limit > 0 && !r.StatusSince.IsZero() {
		due := r.StatusSince.Add(limit)
		s.DueWhen, s.Overdue = moment(due), !at.Before(due)
	}
	return s
}

// LinkKind is the right that a link gives its holder.
type LinkKind string

// Schema lists the kinds; the member that has it may be null.
func (LinkKind) Schema(huma.Registry) *huma.Schema {
	s := enumOf([]LinkKind{linkRead, linkWrite})
	s.Nullable, s.Enum = true, append(s.Enum, nil)
	return s
}

const (
	linkRead  LinkKind = "read"
	linkWrite LinkKind = "write"
)

// linkKind is the link that p may have now, nil if none.
func linkKind(p airlock.Principal, ws airlock.Workspace, r airlock.Request) *LinkKind {
	access := airlock.Decide(p, airlock.ActionLink, r, ws.Policy)
	if !access.Allowed || !r.Work.DataDeleted.IsZero() {
		return nil
	}
	kind := linkRead
	if access.Write {
		kind = linkWrite
	}
	return &kind
}

// RequestStorage says where the files of a request are, without a signature.
type RequestStorage struct {
	Host     string `json:"host" doc:"Host that links to the files lead to."`
	Endpoint string `json:"endpoint" doc:"How links to the files begin."`
	From     string `json:"from" enum:"internet,review,workspace" doc:"Where the files can be reached from: the internet, the networks that review imports, or the workspace."`
}

// storage is nil while nobody can have a link, and for requests of a list, which do not
// say their accounts.
func (v viewer) storage(r airlock.Request) *RequestStorage {
	stage, known := airlock.StageOf(r.Type, r.Status)
	account := r.Accounts[stage]
	reach := airlock.ReachOf(stage)
	if !known || account == "" || reach == "" || r.Status.Moving() || !r.Work.DataDeleted.IsZero() {
		return nil
	}
	s := &RequestStorage{Endpoint: v.blobURL(account), From: string(reach)}
	if u, err := url.Parse(s.Endpoint); err == nil { // a setting that was looked at
		s.Host = u.Host
	}
	return s
}
