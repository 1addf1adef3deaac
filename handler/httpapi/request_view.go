package httpapi

import (
	"fmt"
	"time"

	"example.org/airlock/handler/airlock"
)

// The JSON of the existing contract: names, order and nulls are those that its clients
// depend on. Additions stand at the end of each object.

// User is somebody who did something.
type User struct {
	ID               string   `json:"id"`
	Name             string   `json:"name"`
	Email            string   `json:"email"`
	Roles            []string `json:"roles" nullable:"false"`
	Audience         string   `json:"audience"`
	IsWorkspaceToken bool     `json:"is_workspace_token"`
	IsApplication    bool     `json:"is_application,omitempty" doc:"True for an app-only token: no person stands behind it."`
}

// AirlockRequest is one request.
type AirlockRequest struct {
	ID                    string            `json:"id" format:"uuid"`
	ResourceVersion       int               `json:"resourceVersion" doc:"0 at create, one more with every change people can see."`
	CreatedBy             User              `json:"createdBy"`
	CreatedWhen           float64           `json:"createdWhen" doc:"Seconds since 1970."`
	UpdatedBy             User              `json:"updatedBy"`
	UpdatedWhen           float64           `json:"updatedWhen" doc:"Seconds since 1970."`
	History               []HistoryItem     `json:"history" nullable:"false" doc:"Past versions; the present one is not among them."`
	WorkspaceID           string            `json:"workspaceId" format:"uuid"`
	Type                  string            `json:"type" enum:"import,export"`
	Files                 []RequestFile     `json:"files" nullable:"false" doc:"Empty until the request is submitted."`
	Title                 string            `json:"title"`
	BusinessJustification string            `json:"businessJustification"`
	Status                Status            `json:"status"`
	StatusMessage         *string           `json:"statusMessage" doc:"What people should know about the status; null if there is nothing to say."`
	Reviews               []RequestReview   `json:"reviews" nullable:"false"`
	ETag                  string            `json:"_etag" doc:"The version to name in If-Match."`
	ReviewUserResources   map[string]any    `json:"reviewUserResources" doc:"Always empty here; existing clients read it."`
	Approvals             *RequestApprovals `json:"approvals,omitempty"`
	SelfReviewed          bool              `json:"selfReviewed,omitempty" doc:"True when the workspace's policy let the requestor review it."`
	ApplicationReviewed   bool              `json:"applicationReviewed,omitempty" doc:"True when the workspace's policy let an application review it."`
	PolicyVersion         int               `json:"policyVersion,omitempty" doc:"Version of the workspace's policy in force at the last decision."`
	ScanRequired          bool              `json:"scanRequired" doc:"The files need a clean malware verdict; decided at submit."`
	Gates                 []RequestGate     `json:"gates,omitempty" nullable:"false" doc:"Gates beside the malware scan, with counts of what they found; absent where there are none."`
	Failure               *RequestFailure   `json:"failure,omitempty"`
	Turn                  int               `json:"turn" doc:"1 at create, one more with each submit of a request that was returned."`
	Changes               *TurnChanges      `json:"changes,omitempty" doc:"What became of the files since the turn before; absent in the first turn."`
	Answers               map[string]any    `json:"answers,omitempty" doc:"The requestor's answers to the workspace's form; of an export, for those who may see the names of its files."`
	Claim                 *RequestClaim     `json:"claim,omitempty" doc:"The reviewer who is on it."`
	Replaces              string            `json:"replaces,omitempty" format:"uuid" doc:"The ended request that this one takes the place of."`
	ReplacedBy            string            `json:"replacedBy,omitempty" format:"uuid" doc:"The request that takes the place of this one."`
	Imported              *RequestImported  `json:"imported,omitempty" doc:"The request comes from another airlock; absent for one that was created here."`
	DataDeletedWhen       *float64          `json:"dataDeletedWhen,omitempty" doc:"When retention deleted the data, in seconds since 1970."`
	WorkspaceName         string            `json:"workspaceName"`
	AirlockVersion        int               `json:"airlock_version" doc:"Always 2: drafts are sealed at submit. AzureTRE's clients read it; it cannot be set."`
	ScanResult            *ScanResult       `json:"scanResult,omitempty" doc:"The malware scan of all files in short; absent while it is not over, where none is needed, and in lists unless it blocked the request."`
	Standing
	Storage *RequestStorage `json:"storage,omitempty" doc:"Where the files can be reached; absent while nobody can, and in lists."`
}

// RequestImported says where a request comes from that was not created here.
type RequestImported struct {
	From   string  `json:"from" doc:"The other airlock."`
	When   float64 `json:"when" doc:"When it was imported, in seconds since 1970."`
	Status Status  `json:"status" doc:"The status it had there. If it had ended, the request is here to be read and its files never were."`
}

func importedView(i *airlock.Imported) *RequestImported {
	if i == nil {
		return nil
	}
	return &RequestImported{From: i.From, When: seconds(i.When), Status: Status(i.Status)}
}

// RequestClaim says that a reviewer is on the request.
type RequestClaim struct {
	By    User    `json:"by"`
	Since float64 `json:"since" doc:"Seconds since 1970."`
	Until float64 `json:"until" doc:"When it ends by itself, in seconds since 1970."`
}

func claimView(c *airlock.Claim) *RequestClaim {
	if c == nil {
		return nil
	}
	return &RequestClaim{By: userView(c.By), Since: seconds(c.Since), Until: seconds(c.Until)}
}

// HistoryItem is a past version: who made it, when, and the status it had, under
// the name that the contract gives it.
type HistoryItem struct {
	ResourceVersion int               `json:"resourceVersion"`
	UpdatedWhen     float64           `json:"updatedWhen"`
	UpdatedBy       User              `json:"updatedBy"`
	Properties      HistoryProperties `json:"properties"`
}

// HistoryProperties holds the status a past version had.
type HistoryProperties struct {
	PreviousStatus string `json:"previousStatus" doc:"The status this version had."`
}

// RequestFile is one file of a request.
type RequestFile struct {
	Name       string `json:"name" doc:"Until an export is approved, only those who review it see names and hashes; to others a file is its number."`
	Size       int64  `json:"size" doc:"Bytes."`
	SHA256     string `json:"sha256,omitempty" doc:"Lower-case hex, once it is known."`
	Supporting bool   `json:"supporting,omitempty" doc:"It helps the reviewers and is never released."`
	Withheld   bool   `json:"withheld,omitempty" doc:"An approval did not release it."`
	Change     string `json:"change,omitempty" enum:"new,changed,unchanged,renamed" doc:"What became of the file since the turn before, by its bytes; absent in the first turn."`
	From       string `json:"from,omitempty" doc:"Of a renamed file, its name in the turn before."`
	// Earlier is shown with turns only: the row does not hold it.
	Earlier []EarlierDecision `json:"earlier,omitempty" nullable:"false" doc:"With turns: what reviewers said of the same bytes in turns before."`
	// Verdict is shown for one request only: listings do not carry it.
	Verdict        *RequestFileVerdict `json:"verdict,omitempty" doc:"The malware scanner's word about the submitted bytes that is in force."`
	Rescans        int                 `json:"rescans,omitempty" doc:"Fresh copies made to get another verdict."`
	Seen           []SeenFile          `json:"seen,omitempty" nullable:"false" doc:"Other requests with the same bytes, at most three; only in the list of files, where it is asked for."`
	ContentChecked bool                `json:"contentChecked,omitempty" doc:"The bytes at the destination are known to be the reviewed ones."`
}

// TurnChanges counts the files' changes since the turn before.
type TurnChanges struct {
	New       int      `json:"new"`
	Changed   int      `json:"changed"`
	Unchanged int      `json:"unchanged"`
	Renamed   int      `json:"renamed"`
	Removed   int      `json:"removed"`
	Gone      []string `json:"gone,omitempty" nullable:"false" doc:"Names of the removed files: the first ones, if they are many. The answer about the turn has all."`
}

func changesView(t *airlock.TurnChange) *TurnChanges {
	if t == nil {
		return nil
	}
	view := TurnChanges(*t)
	return &view
}

// RequestFileVerdict is the malware scanner's word on one file.
type RequestFileVerdict struct {
	Outcome   string   `json:"outcome" enum:"clean,malicious,not_scanned,error"`
	At        *float64 `json:"at" doc:"When the scan ended, in seconds since 1970; null if the scanner does not say."`
	ID        string   `json:"id" doc:"The scanner's own id of the scan; tag for a verdict that was read from the file's tag."`
	Reason    string   `json:"reason,omitempty" doc:"Why there is no conclusive outcome, in the scanner's words."`
	Malware   []string `json:"malware,omitempty" nullable:"false" doc:"Names of the malware found."`
	Confirmed bool     `json:"confirmed" doc:"The scanner's tag on the file says the same."`
}

func verdictView(v *airlock.Verdict) *RequestFileVerdict {
	if v == nil {
		return nil
	}
	return &RequestFileVerdict{Outcome: string(v.Outcome), At: moment(v.At), ID: v.ID, Reason: v.Reason, Malware: v.Malware, Confirmed: v.Tagged}
}

// RequestReview is one decision.
type RequestReview struct {
	ID                  string             `json:"id" format:"uuid"`
	Reviewer            User               `json:"reviewer"`
	DateCreated         float64            `json:"dateCreated" doc:"Seconds since 1970."`
	ReviewDecision      string             `json:"reviewDecision" enum:"approved,rejected,changes_requested,revoked"`
	DecisionExplanation string             `json:"decisionExplanation"`
	PolicyVersion       int                `json:"policyVersion,omitempty"`
	OwnRequest          bool               `json:"ownRequest,omitempty" doc:"True for a requestor's review of their own request, which the policy allowed."`
	Files               []FileDecisionView `json:"files,omitempty" nullable:"false" doc:"What was decided of single files."`
	ReviewerKind        string             `json:"reviewerKind" enum:"person,application" doc:"What stands behind the reviewer's token."`
}

// FileDecisionView is a reviewer's decision on one file.
type FileDecisionView struct {
	Name     string `json:"name"`
	Decision string `json:"decision,omitempty" enum:"fine,change,withhold"`
	Comment  string `json:"comment,omitempty"`
}

func decidedView(files []airlock.File, decided []airlock.FileDecision) []FileDecisionView {
	var out []FileDecisionView
	for _, d := range decided {
		if d.File >= 0 && d.File < len(files) {
			out = append(out, FileDecisionView{Name: files[d.File].Name, Decision: string(d.Decision), Comment: d.Comment})
		}
	}
	return out
}

// RequestApprovals says how many approvals there are and must be.
type RequestApprovals struct {
	Required    int      `json:"required"`
	Given       int      `json:"given" doc:"Approvals that the caller may see."`
	Decided     int      `json:"decided,omitempty" doc:"Of an independent review: reviewers who decided, whatever they decided."`
	Independent bool     `json:"independent,omitempty" doc:"Reviewers work blind: a decision is shown to nobody but its author until enough have decided."`
	Disagree    bool     `json:"disagree,omitempty" doc:"Independent reviewers differ, and the review goes on."`
	Why         []string `json:"why,omitempty" nullable:"false" doc:"Why more approvals are needed than of other requests."`
}

// RequestFailure says why a request failed.
type RequestFailure struct {
	In        string `json:"in" doc:"The status it failed in, where a retry resumes."`
	Code      string `json:"code"`
	Operation string `json:"operation"`
	Cause     string `json:"cause"`
}

// Envelope is a request with what the caller may do to it now.
type Envelope struct {
	AirlockRequest           AirlockRequest `json:"airlockRequest"`
	AllowedUserActions       []UserAction   `json:"allowedUserActions" nullable:"false" doc:"What the caller may do to the request now."`
	SelfReviewAllowed        bool           `json:"selfReviewAllowed,omitempty" doc:"True when review is among the actions although the request is the caller's own, because the workspace's policy allows it."`
	ApplicationReviewAllowed bool           `json:"applicationReviewAllowed,omitempty" doc:"True when review is among the actions although the caller is an application, because the workspace's policy allows it."`
	Link                     *LinkKind      `json:"link" doc:"The link to the files that the caller may have now; null if none."`
}

// viewer shows requests to one caller at one moment.
type viewer struct {
	by airlock.Principal
	at time.Time
	// blobURL is where links to an account begin.
	blobURL func(account string) string
}

func (a *API) viewer(c *call) viewer {
	return viewer{by: c.principal, at: a.config.Now(), blobURL: a.config.BlobURL}
}

// envelope shows a request of a workspace with what the caller may do to it.
func (v viewer) envelope(ws airlock.Workspace, r airlock.Request) Envelope {
	actions := []UserAction{}
	for _, action := range airlock.AllowedActions(v.by, r, ws.Policy) {
		actions = append(actions, UserAction(action))
	}
	review := airlock.Decide(v.by, airlock.ActionReview, r, ws.Policy)
	return Envelope{AirlockRequest: v.request(ws, r), AllowedUserActions: actions,
		SelfReviewAllowed: review.SelfReview, ApplicationReviewAllowed: review.ByApplication, Link: linkKind(v.by, ws, r)}
}

// request shows a request of a workspace as far as the caller may see it.
func (v viewer) request(ws airlock.Workspace, r airlock.Request) AirlockRequest {
	seen := airlock.Show(v.by, r, ws.Policy)
	r = seen.Request
	shown := AirlockRequest{
		ID: string(r.ID), ResourceVersion: r.Number, CreatedBy: userView(r.CreatedBy), CreatedWhen: seconds(r.CreatedWhen),
		UpdatedBy: userView(r.UpdatedBy), UpdatedWhen: seconds(r.UpdatedWhen), History: []HistoryItem{},
		WorkspaceID: string(r.Workspace), Type: string(r.Type), Files: filesView(r), Title: r.Title,
		BusinessJustification: r.Justification, Status: Status(r.Status), Reviews: reviewsView(r), ETag: r.ETag(),
		ReviewUserResources: map[string]any{}, SelfReviewed: r.SelfReviewed, ApplicationReviewed: r.ApplicationReviewed(), PolicyVersion: r.PolicyVersion, ScanRequired: r.ScanRequired,
		Turn: r.Turn(), Gates: gatesView(r), Changes: changesView(r.Changed), Answers: r.Answers, Claim: claimView(r.Claim), Replaces: string(r.Replaces), ReplacedBy: string(r.ReplacedBy),
		Imported:        importedView(r.Imported),
		DataDeletedWhen: moment(r.Work.DataDeleted),
		AirlockVersion:  airlockVersion, ScanResult: scanResult(r),
		WorkspaceName: ws.DisplayName, Standing: standingOf(ws, r, v.at), Storage: v.storage(r),
	}
	for _, h := range r.History {
		shown.History = append(shown.History, HistoryItem{ResourceVersion: h.Number, UpdatedWhen: seconds(h.When), UpdatedBy: userView(h.By),
			Properties: HistoryProperties{PreviousStatus: string(h.Status)}})
	}
	shown.Approvals = approvalsView(seen)
	shown.StatusMessage = statusMessage(seen, shown.Approvals)
	if f := r.Failure; f != nil {
		shown.Failure = &RequestFailure{In: string(f.In), Code: f.Code, Operation: f.Operation, Cause: f.Cause}
	}
	return shown
}

func filesView(r airlock.Request) []RequestFile {
	files := []RequestFile{}
	for _, f := range r.Files {
		files = append(files, RequestFile{Name: f.Name, Size: f.Size, SHA256: f.SHA256, Supporting: f.Supporting, Withheld: f.Withheld, Change: string(f.Change), From: f.From,
			Verdict: verdictView(f.Verdict), Rescans: f.Rescans, ContentChecked: f.FinalChecked})
	}
	return files
}

func reviewsView(r airlock.Request) []RequestReview {
	reviews := []RequestReview{}
	for _, d := range r.Reviews {
		reviews = append(reviews, RequestReview{ID: d.ID, Reviewer: userView(d.Reviewer), DateCreated: seconds(d.When),
			ReviewDecision: string(d.Decision), DecisionExplanation: d.Explanation, PolicyVersion: d.PolicyVersion, OwnRequest: d.OwnRequest,
			ReviewerKind: string(d.Reviewer.Kind()), Files: decidedView(r.Files, d.Files)})
	}
	return reviews
}

// approvalsView is nil where nothing was to be approved.
func approvalsView(seen airlock.Seen) *RequestApprovals {
	a := &RequestApprovals{Required: seen.Required, Given: seen.Given, Independent: seen.Rule.Independent, Disagree: seen.Disagree, Why: seen.Rule.Why}
	if a.Independent {
		a.Decided = seen.Decided
	}
	switch seen.Status {
	case airlock.Draft, airlock.Submitted, airlock.InReview:
		return a
	}
	if a.Required = seen.ApprovalsRequired; a.Required == 0 {
		return nil
	}
	return a
}

func statusMessage(seen airlock.Seen, approvals *RequestApprovals) *string {
	text := seen.StatusMessage
	switch {
	case seen.Status != airlock.InReview || approvals.Required < 2:
	case seen.Blind:
		text = fmt.Sprintf("%d of %d reviewers have decided", seen.Decided, approvals.Required)
	case seen.Disagree:
		text = "The reviewers differ and discuss; the review ends when they agree"
	default:
		text = fmt.Sprintf("%d of %d approvals", approvals.Given, approvals.Required)
	}
	if said := seen.StatusMessage; said != "" && text != said && seen.Decided == 0 { // e.g. that a file could not be scanned
		text = said + " " + text
	}
	if text == "" {
		return nil
	}
	return &text
}

func userView(p airlock.Principal) User {
	roles := []string{}
	for _, r := range p.Roles {
		roles = append(roles, string(r))
	}
	return User{ID: string(p.ID), Name: p.Name, Email: p.Email, Roles: roles, Audience: p.Audience,
		IsWorkspaceToken: p.WorkspaceToken, IsApplication: p.Application}
}

// seconds is a moment as the contract writes it, to the microsecond.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMicro()) / 1e6
}

// moment is the same for a moment that may not have come: nil.
func moment(t time.Time) *float64 {
	if t.IsZero() {
		return nil
	}
	s := seconds(t)
	return &s
}
