package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Ref names a request.
type Ref struct {
	Workspace string `yaml:"workspace" json:"workspace"`
	Request   string `yaml:"request" json:"request"`
}

func (r Ref) path(more string) string {
	return "/workspaces/" + r.Workspace + "/requests/" + r.Request + more
}

func (r Ref) audience() Audience { return Audience{Workspace: r.Workspace} }

// Request is an airlock request as far as programs look at it.
type Request struct {
	ID            string    `json:"id"`
	WorkspaceID   string    `json:"workspaceId"`
	Type          string    `json:"type"`
	Title         string    `json:"title"`
	Justification string    `json:"businessJustification"`
	Status        string    `json:"status"`
	StatusMessage string    `json:"statusMessage"`
	CreatedBy     User      `json:"createdBy"`
	CreatedWhen   Time      `json:"createdWhen"`
	UpdatedBy     User      `json:"updatedBy"`
	UpdatedWhen   Time      `json:"updatedWhen"`
	Files         []File    `json:"files"`
	Reviews       []Review  `json:"reviews"`
	ETag          string    `json:"_etag"`
	Approvals     *Approved `json:"approvals"`
	Failure       *Failure  `json:"failure"`
	DataDeleted   Time      `json:"dataDeletedWhen"`
	Turn          int       `json:"turn"`
	Changes       *Changes  `json:"changes"`

	// Where the service says them.
	HeldBy   string `json:"heldBy"`
	Next     string `json:"next"`
	Due      Time   `json:"dueWhen"`
	Overdue  bool   `json:"overdue"`
	Replaces string `json:"replaces"`

	Answers map[string]any `json:"answers"`
	Claim   *Claim         `json:"claim"`
}

// Claim says that a reviewer is on it.
type Claim struct {
	By    User `json:"by"`
	Until Time `json:"until"`
}

// Approved counts approvals.
type Approved struct {
	Required int `json:"required"`
	Given    int `json:"given"`
}

// Failure says why a request failed.
type Failure struct {
	In    string `json:"in"`
	Code  string `json:"code"`
	Cause string `json:"cause"`
}

// Changes counts the files added, changed and removed since the turn before.
type Changes struct {
	New       int      `json:"new"`
	Changed   int      `json:"changed"`
	Unchanged int      `json:"unchanged"`
	Renamed   int      `json:"renamed"`
	Removed   int      `json:"removed"`
	Gone      []string `json:"gone"`
}

// User is somebody who did something.
type User struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// File is a file of a request.
type File struct {
	Name       string   `json:"name"`
	Size       int64    `json:"size"`
	SHA256     string   `json:"sha256"`
	Supporting bool     `json:"supporting"`
	Withheld   bool     `json:"withheld"`
	Change     string   `json:"change"`
	From       string   `json:"from"`
	Verdict    *Verdict `json:"verdict"`
}

// Verdict is the malware scanner's word.
type Verdict struct {
	Outcome string   `json:"outcome"`
	Reason  string   `json:"reason"`
	Malware []string `json:"malware"`
}

// Review is one decision.
type Review struct {
	Reviewer    User   `json:"reviewer"`
	When        Time   `json:"dateCreated"`
	Decision    string `json:"reviewDecision"`
	Explanation string `json:"decisionExplanation"`
	// Files are decisions on single files.
	Files []struct {
		Name     string `json:"name"`
		Decision string `json:"decision"` // fine, change or withhold
		Comment  string `json:"comment"`
	} `json:"files"`
}

// Time is a moment in seconds since 1970; the zero value is none.
type Time struct{ time.Time }

// UnmarshalJSON reads seconds, or null.
func (t *Time) UnmarshalJSON(b []byte) error {
	var seconds *float64
	if err := json.Unmarshal(b, &seconds); err != nil {
		return err
	}
	*t = Time{}
	if seconds != nil && *seconds > 0 {
		t.Time = time.UnixMicro(int64(*seconds * 1e6))
	}
	return nil
}

// Envelope is a request with what the caller may do to it now.
type Envelope struct {
	Request Request         `json:"airlockRequest"`
	Actions []string        `json:"allowedUserActions"`
	Link    string          `json:"link"` // which link the caller may have: read, write, or "" for none
	Raw     json.RawMessage `json:"-"`    // as it was sent
	Tag     string          `json:"-"`    // of the answer, for If-None-Match
}

func envelopeOf(a Answer, err error) (Envelope, error) {
	e, err := decode[Envelope](a, err)
	e.Raw, e.Tag = a.Raw, a.Header.Get("ETag")
	return e, err
}

// Get returns a request. With the Tag of an answer before, unchanged is true when
// nothing about it has changed since; then there is no Envelope.
func (c *Client) Get(ctx context.Context, r Ref, tag string) (e Envelope, unchanged bool, err error) {
	header := http.Header{}
	if tag != "" {
		header.Set("If-None-Match", tag)
	}
	a, err := c.Do(ctx, Call{Method: http.MethodGet, Path: r.path(""), For: r.audience(), Header: header})
	if err == nil && a.Status == http.StatusNotModified {
		return Envelope{}, true, nil
	}
	e, err = envelopeOf(a, err)
	return e, false, err
}

// Find returns where a request lies that the caller made or may review.
func (c *Client) Find(ctx context.Context, request string) (Ref, error) {
	found, err := decode[struct {
		Workspace string `json:"workspaceId"`
	}](c.Do(ctx, Call{Method: http.MethodGet, Path: "/requests/" + request}))
	return Ref{Workspace: found.Workspace, Request: request}, err
}

// NewRequest is the body of a create call.
type NewRequest struct {
	Type          string         `json:"type"`
	Title         string         `json:"title"`
	Justification string         `json:"businessJustification"`
	Answers       map[string]any `json:"answers,omitempty"`
	Replaces      string         `json:"replaces,omitempty"`
}

// Create creates a draft. The same key makes no second one.
func (c *Client) Create(ctx context.Context, workspace string, in NewRequest, key string) (Envelope, error) {
	return envelopeOf(c.Do(ctx, Call{Method: http.MethodPost, Path: "/workspaces/" + workspace + "/requests", For: Audience{Workspace: workspace},
		Header: http.Header{"Idempotency-Key": {key}}, Body: in}))
}

// Act does something to a request: submit, review, cancel, retry, revoke … With etag
// the request has to be at that version.
func (c *Client) Act(ctx context.Context, r Ref, action string, body any, etag string) (Envelope, error) {
	header := http.Header{}
	if etag != "" {
		header.Set("If-Match", etag)
	}
	return envelopeOf(c.Do(ctx, Call{Method: http.MethodPost, Path: r.path("/" + action), For: r.audience(), Body: body, Header: header}))
}

// Edit changes the texts of a draft or a returned request.
func (c *Client) Edit(ctx context.Context, r Ref, body any, etag string) (Envelope, error) {
	return envelopeOf(c.Do(ctx, Call{Method: http.MethodPatch, Path: r.path(""), For: r.audience(), Body: body, Header: http.Header{"If-Match": {etag}}}))
}

// Below makes a call about something below a request, e.g. its comments, and returns
// what was sent.
func (c *Client) Below(ctx context.Context, r Ref, method, name string, body any) (json.RawMessage, error) {
	a, err := c.Do(ctx, Call{Method: method, Path: r.path("/" + name), For: r.audience(), Body: body})
	return a.Raw, err
}

// Sub gets a resource below a request, e.g. turns, as it was sent.
func (c *Client) Sub(ctx context.Context, r Ref, name string, query url.Values) (json.RawMessage, error) {
	a, err := c.Do(ctx, Call{Method: http.MethodGet, Path: r.path("/" + name), For: r.audience(), Query: query})
	return a.Raw, err
}

// Files lists a request's files as they are now, those of a draft too.
func (c *Client) Files(ctx context.Context, r Ref) ([]File, error) {
	list, err := decode[struct {
		Files []File `json:"files"`
	}](c.Do(ctx, Call{Method: http.MethodGet, Path: r.path("/files"), For: r.audience()}))
	return list.Files, err
}

// Link is a signed address of a request's files. Its holder has the access.
type Link struct {
	URL        string          `json:"containerUrl"`
	FileURL    string          `json:"fileUrl"` // instead, of one file
	Expires    time.Time       `json:"expires"`
	Permission string          `json:"permission"`
	Raw        json.RawMessage `json:"-"`
}

// Link gets a link to the files; it is an audit record. With file, to that one alone.
func (c *Client) Link(ctx context.Context, r Ref, file string) (Link, error) {
	var body any
	if file != "" {
		body = map[string]string{"file": file}
	}
	a, err := c.Do(ctx, Call{Method: http.MethodPost, Path: r.path("/link"), For: r.audience(), Body: body})
	l, err := decode[Link](a, err)
	if file != "" {
		l.URL = l.FileURL
	}
	l.Raw = a.Raw
	return l, err
}

// Query narrows a list.
type Query struct {
	Workspace string // "": all, from the core
	Review    bool   // requests of the workspaces that the caller reviews in; from the core
	Status    []string
	Type      string
	CreatedBy string
	HeldBy    string    // who has to act: requestor, airlock_manager, system or nobody
	Words     string    // all of them in the title or the requestor's name
	Updated   time.Time // changed then or later; zero: whenever
	Limit     int       // 0: all
}

// values are the query as the API takes it.
func (q Query) values() url.Values {
	values := url.Values{"status": q.Status}
	for name, value := range map[string]string{"type": q.Type, "creator_user_id": q.CreatedBy, "held_by": q.HeldBy, "q": q.Words} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if !q.Updated.IsZero() {
		values.Set("updated_since", strconv.FormatInt(q.Updated.Unix(), 10))
	}
	return values
}

// Listed is a request of a list.
type Listed struct {
	Request    Request
	Actions    []string // of a workspace's list
	Reviewable bool     // of a list of Review
	Raw        json.RawMessage
}

// List lists requests, the newest first.
func (c *Client) List(ctx context.Context, q Query) ([]Listed, error) {
	values := q.values()
	if q.Workspace != "" {
		return c.listWorkspace(ctx, q, values)
	}
	if q.Review {
		values.Set("airlock_manager", "true")
	}
	raws, err := decode[[]json.RawMessage](c.Do(ctx, Call{Method: http.MethodGet, Path: "/requests", Query: values}))
	if err != nil {
		return nil, err
	}
	var all []Listed
	for _, raw := range raws {
		l := Listed{Raw: raw}
		var more struct {
			Reviewable bool `json:"reviewable"`
		}
		if err := json.Unmarshal(raw, &l.Request); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, &more); err != nil {
			return nil, err
		}
		l.Reviewable = more.Reviewable
		all = append(all, l)
	}
	return all, nil
}

func (c *Client) listWorkspace(ctx context.Context, q Query, values url.Values) ([]Listed, error) {
	var found []Listed
	if q.Limit > 0 {
		values.Set("limit", strconv.Itoa(min(q.Limit, 200)))
	}
	for {
		page, err := decode[struct {
			Requests []json.RawMessage `json:"airlockRequests"`
			Next     *string           `json:"nextPage"`
		}](c.Do(ctx, Call{Method: http.MethodGet, Path: "/workspaces/" + q.Workspace + "/requests", Query: values, For: Audience{Workspace: q.Workspace}}))
		if err != nil {
			return nil, err
		}
		for _, raw := range page.Requests {
			var e Envelope
			if err := json.Unmarshal(raw, &e); err != nil {
				return nil, err
			}
			found = append(found, Listed{Request: e.Request, Actions: e.Actions, Raw: raw})
		}
		if page.Next == nil || q.Limit > 0 && len(found) >= q.Limit {
			return found, nil
		}
		values.Set("page", *page.Next)
	}
}
