package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/wording"
)

// Directory knows who holds a role.
type Directory interface {
	// Members returns the people who hold a role in a workspace.
	Members(ctx context.Context, ws airlock.Workspace, role airlock.Role) ([]airlock.Person, error)
	// Person returns somebody by their object id, without an address when there is none.
	Person(ctx context.Context, ws airlock.Workspace, id airlock.UserID) (airlock.Person, error)
}

// Config holds the dependencies of Notices.
type Config struct {
	Directory Directory
	// RequestURL is where a request is seen, with {workspace_id} and {request_id}:
	// the API's own address of it, or a portal's page.
	RequestURL string
	Log        *slog.Logger
	// Within bounds the time of one notice's calls to the directory; default 5 s.
	Within time.Duration
}

// Notices fills notices with people and words. It is safe for concurrent use.
type Notices struct {
	config  Config
	mu      sync.Mutex
	skipped map[airlock.UserID]bool // people without an address who were reported
}

const (
	defaultWithin = 5 * time.Second
	// maxReported bounds the memory for people who were reported.
	maxReported = 10_000
	// maxByRole bounds each list of addresses: Event Grid takes 1 MiB.
	maxByRole = 1000
)

// New panics without a Directory or a Log, which is a mistake in the wiring.
func New(c Config) *Notices {
	if c.Directory == nil || c.Log == nil {
		panic("notify: New needs a Directory and a Log")
	}
	if c.Within <= 0 {
		c.Within = defaultWithin
	}
	return &Notices{config: c, skipped: map[airlock.UserID]bool{}}
}

// Fill turns the notice a decision left in the outbox into the
// airlockNotification event. Everything but Data stays as it is.
//
// It returns the directory's error when somebody who is to be told cannot be
// found out now; then the notice stays in the outbox. Roles that nobody asked
// for are looked up only for notifiers with rules of their own, and left out
// when that fails. A notice that only concerns the requestor needs no directory when
// their token had an address.
func (n *Notices) Fill(ctx context.Context, ws airlock.Workspace, e airlock.Event) (airlock.Event, error) {
	var notice airlock.Notice
	if err := json.Unmarshal(e.Data, &notice); err != nil {
		return e, &airlock.Fault{Kind: airlock.Permanent, Code: "NoticeUnreadable", Operation: "write a notification", Account: "outbox", Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, n.config.Within)
	defer cancel()
	r := notice.Request
	told := toldOf(notice.Kind, r.Status, ws.Policy)
	byRole, err := n.byRole(ctx, ws, told)
	if err != nil {
		return e, fmt.Errorf("notify: %s of request %s: %w", notice.Kind, r.ID, err)
	}
	requestor, err := n.requestor(ctx, ws, r, told)
	if err != nil {
		return e, fmt.Errorf("notify: %s of request %s: %w", notice.Kind, r.ID, err)
	}
	where := n.pageOf(r)
	words := wording.Of(notice.Kind, r).For(r, ws)
	d := data{
		EventType: "status_changed", ByRole: byRole, Request: requestOf(r),
		Workspace:  workspace{ID: ws.ID, DisplayName: ws.DisplayName, Description: ws.Description},
		Recipients: n.recipients(requestor, told, byRole),
		Subject:    subjectOf(words, r, ws), Message: words.Message, Next: words.Next + where.how(words.Calls),
		HeldBy: words.HeldBy, RequestURL: where.url,
	}
	if notice.Kind == Overdue || slices.Contains(airlock.Notices(), notice.Kind) {
		d.EventType = notice.Kind
	}
	body, err := json.Marshal(d)
	if err != nil { // plain values only
		return e, fmt.Errorf("notify: %w", err)
	}
	e.Data = body
	return e, nil
}

// byRole returns the addresses of each role's members. Roles in told must be
// known; others are left out when the directory does not answer.
func (n *Notices) byRole(ctx context.Context, ws airlock.Workspace, told []string) (map[string][]string, error) {
	out := map[string][]string{}
	names := []string{Owner, Manager, Researcher}
	// Those who must be known first: they get the time there is.
	slices.SortStableFunc(names, func(a, b string) int { return wanted(told, b) - wanted(told, a) })
	for _, who := range names {
		people, err := n.config.Directory.Members(ctx, ws, roleOf[who])
		switch {
		case err != nil && wanted(told, who) == 1:
			return nil, err
		case err != nil:
			n.config.Log.DebugContext(ctx, "role left out of a notification", "role", who, "workspace", ws.ID)
			continue
		}
		if list := addresses(people, n.skip); len(list) > 0 {
			out[who] = list[:min(len(list), maxByRole)]
		}
	}
	return out, nil
}

func wanted(told []string, who string) int {
	if slices.Contains(told, who) {
		return 1
	}
	return 0
}

// requestor is the requestor if they are told: with the address of their token,
// or, where that had none, as a guest's has not, the directory's for their object id.
func (n *Notices) requestor(ctx context.Context, ws airlock.Workspace, r airlock.Request, told []string) ([]airlock.Person, error) {
	by := r.CreatedBy
	if !slices.Contains(told, Requestor) {
		return nil, nil
	}
	if by.Kind() != airlock.KindPerson || airlock.MailAddress(by.Email) != "" {
		return []airlock.Person{{ID: by.ID, Name: by.Name, Email: by.Email}}, nil
	}
	found, err := n.config.Directory.Person(ctx, ws, by.ID)
	return []airlock.Person{found}, err
}

// recipients joins the addresses of all who are told, the requestor's first and
// nobody's twice.
func (n *Notices) recipients(requestor []airlock.Person, told []string, byRole map[string][]string) []string {
	people := slices.Clone(requestor)
	for _, who := range told {
		for _, a := range byRole[who] {
			people = append(people, airlock.Person{Email: a})
		}
	}
	return addresses(people, n.skip)
}

// skip reports, once per person, that somebody cannot be told.
func (n *Notices) skip(p airlock.Person) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.skipped[p.ID] || len(n.skipped) >= maxReported {
		return
	}
	n.skipped[p.ID] = true
	n.config.Log.Warn("a person cannot be told: the directory has no mail address", "person", p.ID)
}

// requestPath is how the API's own address of a request ends.
const requestPath = "/api/workspaces/{workspace_id}/requests/{request_id}"

func (n *Notices) pageOf(r airlock.Request) page {
	url := strings.NewReplacer("{workspace_id}", string(r.Workspace), "{request_id}", string(r.ID)).Replace(n.config.RequestURL)
	return page{url: url, api: strings.HasSuffix(n.config.RequestURL, requestPath)}
}
