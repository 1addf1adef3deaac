package azuretre

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"example.org/airlock/handler/airlock"
)

// From names AzureTRE in imported requests.
const From = "azuretre"

// document is a request as it is stored there. Members that Cosmos DB adds, and those that
// mean nothing here, are passed over.
type document struct {
	ID              string    `json:"id"`
	WorkspaceID     string    `json:"workspaceId"`
	Type            string    `json:"type"`
	Title           string    `json:"title"`
	Justification   string    `json:"businessJustification"`
	Status          string    `json:"status"`
	StatusMessage   string    `json:"statusMessage"`
	ResourceVersion int       `json:"resourceVersion"`
	CreatedBy       *user     `json:"createdBy"`
	CreatedWhen     *float64  `json:"createdWhen"`
	UpdatedBy       *user     `json:"updatedBy"`
	UpdatedWhen     *float64  `json:"updatedWhen"`
	History         []version `json:"history"`
	Files           []file    `json:"files"`
	Reviews         []review  `json:"reviews"`
}

// user is a person there. Older documents have role assignments in place of roles.
type user struct {
	ID             string         `json:"id"`
	Name           string         `json:"name"`
	Email          string         `json:"email"`
	Roles          []airlock.Role `json:"roles"`
	Audience       string         `json:"audience"`
	WorkspaceToken bool           `json:"is_workspace_token"`
}

type version struct {
	ResourceVersion int      `json:"resourceVersion"`
	UpdatedWhen     *float64 `json:"updatedWhen"`
	UpdatedBy       *user    `json:"updatedBy"`
	Properties      struct {
		Status string `json:"previousStatus"` // in truth the status of that version
	} `json:"properties"`
}

type file struct {
	Name string  `json:"name"`
	Size float64 `json:"size"`
}

type review struct {
	ID          string   `json:"id"`
	Reviewer    *user    `json:"reviewer"`
	When        *float64 `json:"dateCreated"`
	Decision    string   `json:"reviewDecision"`
	Explanation string   `json:"decisionExplanation"`
}

// Request reads one document. The request has the status and the version of the document,
// Imported without its moment, and no accounts: the bytes are elsewhere. Characters that
// could hide part of a text are left out (airlock.CleanLine); the digest is of the
// document as it was. An error says in words for people what is wrong with the document.
func Request(text []byte) (airlock.Request, error) {
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return airlock.Request{}, fmt.Errorf("it is no request of AzureTRE: %w", err)
	}
	r := airlock.Request{
		Type: airlock.RequestType(d.Type), Title: airlock.CleanLine(d.Title), Justification: cleanText(d.Justification),
		Status: airlock.Status(d.Status), StatusMessage: airlock.CleanLine(d.StatusMessage), Number: d.ResourceVersion,
		History: []airlock.Change{}, Files: []airlock.File{}, Reviews: []airlock.Review{},
	}
	sum := sha256.Sum256(text)
	r.Imported = &airlock.Imported{From: From, Status: r.Status, Digest: hex.EncodeToString(sum[:])}
	var err error
	if r.ID, err = airlock.ParseRequestID(d.ID); err != nil {
		return r, fmt.Errorf("id %q is no UUID", d.ID)
	}
	if r.Workspace, err = airlock.ParseWorkspaceID(d.WorkspaceID); err != nil {
		return r, fmt.Errorf("workspaceId %q is no UUID", d.WorkspaceID)
	}
	switch {
	case !r.Type.Valid():
		return r, fmt.Errorf("type is %q, and not import or export", d.Type)
	case !known(r.Status):
		return r, fmt.Errorf("status %q is none of AzureTRE's", d.Status)
	case d.ResourceVersion < 0:
		return r, errors.New("resourceVersion is negative")
	case d.CreatedBy == nil || d.CreatedBy.ID == "":
		return r, errors.New("createdBy has no id")
	}
	if err := d.fill(&r); err != nil {
		return r, err
	}
	return r, nil
}

// fill adds the members that need a closer reading: people, moments, files and reviews.
func (d document) fill(r *airlock.Request) error {
	var err error
	if r.CreatedBy, err = d.CreatedBy.principal("createdBy"); err != nil {
		return err
	}
	if r.UpdatedBy, err = d.UpdatedBy.principal("updatedBy"); err != nil {
		return err
	}
	created, updated := firstOf(d.CreatedWhen, d.UpdatedWhen), firstOf(d.UpdatedWhen, d.CreatedWhen)
	if r.CreatedWhen, err = moment("createdWhen", created); err != nil {
		return err
	}
	if r.UpdatedWhen, err = moment("updatedWhen", updated); err != nil {
		return err
	}
	r.StatusSince = r.UpdatedWhen
	for _, f := range d.Files {
		if f.Size != math.Trunc(f.Size) || f.Size < 0 || f.Size > 1<<53 {
			return fmt.Errorf("the size of file %q is %v", f.Name, f.Size)
		}
		r.Files = append(r.Files, airlock.File{Name: airlock.CleanLine(f.Name), Size: int64(f.Size)})
	}
	return errors.Join(d.history(r), d.reviews(r))
}

func (d document) history(r *airlock.Request) error {
	for i, v := range d.History {
		at := fmt.Sprintf("history[%d]", i)
		by, err := v.UpdatedBy.principal(at + ".updatedBy")
		if err != nil {
			return err
		}
		when, err := moment(at+".updatedWhen", v.UpdatedWhen)
		if err != nil {
			return err
		}
		status := airlock.Status(v.Properties.Status)
		if !known(status) {
			return fmt.Errorf("%s has the status %q, which is none of AzureTRE's", at, status)
		}
		r.History = append(r.History, airlock.Change{Number: v.ResourceVersion, When: when, By: by, Status: status})
	}
	return nil
}

func (d document) reviews(r *airlock.Request) error {
	for i, v := range d.Reviews {
		at := fmt.Sprintf("reviews[%d]", i)
		by, err := v.Reviewer.principal(at + ".reviewer")
		if err != nil {
			return err
		}
		when, err := moment(at+".dateCreated", v.When)
		if err != nil {
			return err
		}
		decision := airlock.Decision(strings.ToLower(v.Decision)) // once written with a capital letter
		switch decision {
		case airlock.DecisionApproved, airlock.DecisionRejected, airlock.DecisionRevoked:
		default:
			return fmt.Errorf("%s has the decision %q, which is none of AzureTRE's", at, v.Decision)
		}
		r.Reviews = append(r.Reviews, airlock.Review{ID: airlock.CleanLine(v.ID), Reviewer: by, When: when, Decision: decision, Explanation: cleanText(v.Explanation)})
	}
	return nil
}

// principal is the person as the airlock knows people; nobody where the document names
// nobody. Ids are those of the directory, and never of anything else: some names mean
// parts of this service.
func (u *user) principal(at string) (airlock.Principal, error) {
	p := airlock.Principal{Roles: []airlock.Role{}}
	if u == nil || u.ID == "" {
		return p, nil
	}
	id, err := airlock.ParseWorkspaceID(u.ID) // a UUID like any other
	if err != nil {
		return p, fmt.Errorf("%s has the id %q, which is no UUID", at, u.ID)
	}
	p.ID, p.Name, p.Email = airlock.UserID(id), airlock.CleanLine(u.Name), airlock.CleanLine(u.Email)
	p.Audience, p.WorkspaceToken = airlock.CleanLine(u.Audience), u.WorkspaceToken
	for _, role := range u.Roles {
		p.Roles = append(p.Roles, airlock.Role(airlock.CleanLine(string(role))))
	}
	return p, nil
}

// known reports whether AzureTRE has the status too.
func known(s airlock.Status) bool {
	return s.Valid() && s != airlock.Returned && s != airlock.ReturnInProgress
}

// moment reads seconds since 1970.
func moment(at string, seconds *float64) (time.Time, error) {
	const most = 253402300799 // the end of the year 9999
	if seconds == nil || !(*seconds > 0 && *seconds <= most) {
		return time.Time{}, fmt.Errorf("%s is no moment in seconds since 1970", at)
	}
	return time.UnixMicro(int64(math.Round(*seconds * 1e6))).UTC(), nil
}

func firstOf(a, b *float64) *float64 {
	if a != nil {
		return a
	}
	return b
}

// cleanText is airlock.CleanLine for texts of more lines.
func cleanText(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = airlock.CleanLine(line)
	}
	return strings.Join(lines, "\n")
}
