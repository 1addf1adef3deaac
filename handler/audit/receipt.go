package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/airlock/handler/airlock"
)

// ReceiptFormat is the version of the receipts' format.
const ReceiptFormat = "airlock-receipt/1"

const receiptType = "application/vnd.airlock.receipt+json"

// Receipt says what was released, who agreed to it, on what grounds, and by
// which rules. It is signed, so that somebody outside can check it with nothing
// but the public key. It names people by object id and display name, never by
// address.
//
// It carries the facts that SATRE 3.3.09 wants recorded of a release (the criteria and
// their version, linked to the package) and the minimum egress fields proposed
// for it: approver, time, mitigation, scope, project.
type Receipt struct {
	Format  string            `json:"format"`
	Request airlock.RequestID `json:"request"`
	// Turn is the one in which the files were approved, absent for the first.
	Turn      int                 `json:"turn,omitempty"`
	Type      airlock.RequestType `json:"type"`
	Title     string              `json:"title"`
	Workspace ReceiptWorkspace    `json:"workspace"`
	// Justification is the requestor's own text.
	Justification string        `json:"justification"`
	Requestor     ReceiptPerson `json:"requestor"`
	Files         []ReceiptFile `json:"files"`
	// Withheld are files of the request that the review did not release.
	Withheld []ReceiptKept `json:"withheld,omitempty"`
	// Supporting are files that only helped the reviewers.
	Supporting []ReceiptKept `json:"supporting,omitempty"`
	// Answers is the SHA-256 of the requestor's answers in the workspace's form.
	Answers     string           `json:"answersSha256,omitempty"`
	Scan        ReceiptScan      `json:"scan"`
	Review      ReceiptReview    `json:"review"`
	Policy      ReceiptPolicy    `json:"policy"`
	Steps       []ReceiptStep    `json:"steps"`
	Egress      ReceiptEgress    `json:"egress"`
	Destination ReceiptContainer `json:"destination"`
	// Chain is the head of the audit chain when the release was recorded: the
	// trail up to there is part of what is signed.
	Chain      airlock.ChainHead `json:"chain"`
	ReleasedAt time.Time         `json:"releasedAt"`
}

// ReceiptWorkspace names the project the data belongs to.
type ReceiptWorkspace struct {
	ID          airlock.WorkspaceID `json:"id"`
	DisplayName string              `json:"displayName"`
}

// ReceiptPerson is who had a part in it. Kind is that of an Actor: a reviewer that is
// an application is called one.
type ReceiptPerson struct {
	Kind string         `json:"kind"`
	ID   airlock.UserID `json:"id"`
	Name string         `json:"name"`
}

// ReceiptFile is one released file with the chain of ETags that ties the
// submitted bytes to the reviewed and the released ones. SHA256 is absent above
// the policy's hash limit: the ETags alone are then the proof.
type ReceiptFile struct {
	Name          string `json:"name"`
	Size          int64  `json:"size"`
	SHA256        string `json:"sha256,omitempty"`
	SubmittedETag string `json:"submittedEtag"`
	ReviewedETag  string `json:"reviewedEtag"`
	// EarlierETags are those of copies of the same bytes that the scanner saw before
	// the reviewed one.
	EarlierETags   []string `json:"earlierEtags,omitempty"`
	ReleasedETag   string   `json:"releasedEtag"`
	ReleaseChecked bool     `json:"releaseChecked"` // the released bytes are the reviewed ones, by storage's checksum or read again
}

// ReceiptKept is a file that was reviewed and not released.
type ReceiptKept struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256,omitempty"`
}

// ReceiptScan is the malware gate's part.
type ReceiptScan struct {
	Required bool             `json:"required"`
	Verdicts []ReceiptVerdict `json:"verdicts"`
}

// ReceiptVerdict is the verdict in force for one file's reviewed bytes.
type ReceiptVerdict struct {
	File    string          `json:"file"`
	ETag    string          `json:"etag"`
	Outcome airlock.Outcome `json:"outcome"`
	ID      string          `json:"id"` // the scanner's own id of the verdict
	// Tagged is true when the scanner's tag on the blob said the same.
	Tagged bool      `json:"tagged,omitempty"`
	At     time.Time `json:"at"`
}

// ReceiptReview is the human part.
type ReceiptReview struct {
	Required       int                    `json:"approvalsRequired"`
	Why            []string               `json:"approvalsWhy,omitempty"` // more than of other requests
	Independent    bool                   `json:"independent,omitempty"`
	OnDisagreement airlock.OnDisagreement `json:"onDisagreement,omitempty"`
	// Anonymous is true when reviewers are numbered here and named in the trail alone.
	Anonymous bool              `json:"anonymous,omitempty"`
	Given     int               `json:"approvalsGiven"` // by distinct people
	Decisions []ReceiptDecision `json:"decisions"`
	// SelfReviewed is true when the policy let the requestor review.
	SelfReviewed bool `json:"selfReviewed"`
	// ApplicationReviewed is true when the policy let an application review.
	ApplicationReviewed bool `json:"applicationReviewed"`
}

// ReceiptDecision is one reviewer's decision and its reason.
type ReceiptDecision struct {
	Reviewer      ReceiptPerson    `json:"reviewer"`
	Decision      airlock.Decision `json:"decision"`
	Explanation   string           `json:"explanation"`
	At            time.Time        `json:"at"`
	PolicyVersion int              `json:"policyVersion"`
	OwnRequest    bool             `json:"ownRequest,omitempty"`
	Files         []FileDecision   `json:"files,omitempty"` // the decisions on single files
}

// ReceiptPolicy names the rules in force. Hash is that of the policy's JSON.
type ReceiptPolicy struct {
	Version int    `json:"version"`
	Hash    string `json:"hash"`
}

// ReceiptStep is when a status was reached, and by whom.
type ReceiptStep struct {
	Status airlock.Status `json:"status"`
	At     time.Time      `json:"at"`
	By     ReceiptPerson  `json:"by"`
}

// ReceiptEgress holds the fields a register of releases asks for, so that it
// can be kept without knowing this format in depth.
type ReceiptEgress struct {
	Approvers  []airlock.UserID    `json:"approvers"`
	At         time.Time           `json:"at"`         // of the deciding approval
	Mitigation []string            `json:"mitigation"` // the approvers' explanations
	Scope      ReceiptScope        `json:"scope"`
	Project    airlock.WorkspaceID `json:"project"`
}

// ReceiptScope says how much left.
type ReceiptScope struct {
	Direction airlock.RequestType `json:"direction"`
	Files     int                 `json:"files"`
	Bytes     int64               `json:"bytes"`
}

// ReceiptContainer is where the data lies now.
type ReceiptContainer struct {
	Account   string                `json:"account"`
	Container airlock.ContainerName `json:"container"`
}

// ReceiptName is the name of a request's receipt in the container of receipts.
func ReceiptName(id airlock.RequestID) string { return string(id) + "/release.json" }

// NewReceipt makes the receipt of an approved request. It depends on nothing but
// its arguments: made again from the same state, it is the same.
func NewReceipt(r airlock.Request, ws airlock.Workspace, policyHash string, at airlock.Container) Receipt {
	out := Receipt{
		Format: ReceiptFormat, Request: r.ID, Type: r.Type, Title: r.Title, Justification: r.Justification,
		Workspace: ReceiptWorkspace{ID: ws.ID, DisplayName: ws.DisplayName},
		Requestor: personOf(r.CreatedBy),
		Files:     []ReceiptFile{},
		Scan:      ReceiptScan{Required: r.ScanRequired, Verdicts: []ReceiptVerdict{}},
		Review:    reviewOf(r),
		Policy:    ReceiptPolicy{Version: r.PolicyVersion, Hash: policyHash},
		Egress: ReceiptEgress{Approvers: []airlock.UserID{}, Mitigation: []string{}, Project: ws.ID,
			Scope: ReceiptScope{Direction: r.Type, Files: len(r.Files)}},
		Destination: ReceiptContainer{Account: at.Account, Container: at.Name},
		Chain:       r.Chain,
		ReleasedAt:  r.StatusSince.UTC(),
	}
	if len(r.Answers) > 0 {
		out.Answers = r.Answers.Hash()
	}
	if r.Resubmits > 0 {
		out.Turn = r.Turn()
	}
	for _, f := range r.Files {
		if !f.Released() {
			kept := ReceiptKept{Name: f.Name, Size: f.Size, SHA256: f.SHA256}
			if f.Supporting {
				out.Supporting = append(out.Supporting, kept)
			} else {
				out.Withheld = append(out.Withheld, kept)
			}
			out.Egress.Scope.Files--
			continue
		}
		out.Files = append(out.Files, ReceiptFile{
			Name: f.Name, Size: f.Size, SHA256: f.SHA256, SubmittedETag: f.DraftETag,
			ReviewedETag: f.InProgressETag, EarlierETags: f.EarlierETags, ReleasedETag: f.FinalETag, ReleaseChecked: f.FinalChecked && f.SHA256 != "",
		})
		out.Egress.Scope.Bytes += f.Size
		if v := f.Verdict; v != nil {
			out.Scan.Verdicts = append(out.Scan.Verdicts, ReceiptVerdict{File: f.Name, ETag: v.ETag, Outcome: v.Outcome, ID: v.ID, Tagged: v.Tagged, At: v.At.UTC()})
		}
	}
	for _, d := range out.Review.Decisions {
		if d.Decision == airlock.DecisionApproved {
			out.Egress.Approvers = append(out.Egress.Approvers, d.Reviewer.ID)
			out.Egress.Mitigation = append(out.Egress.Mitigation, d.Explanation)
			out.Egress.At = d.At
		}
	}
	out.Steps = stepsOf(r)
	return out
}

func personOf(p airlock.Principal) ReceiptPerson {
	return ReceiptPerson{Kind: string(p.Kind()), ID: p.ID, Name: p.Name}
}

func reviewOf(r airlock.Request) ReceiptReview {
	if r.Rule.Anonymous {
		r = pseudonymous(r)
	}
	out := ReceiptReview{Required: r.ApprovalsRequired, Why: r.Rule.Why, Independent: r.Rule.Independent, OnDisagreement: r.Rule.OnDisagreement, Anonymous: r.Rule.Anonymous, Given: r.Approvals(), Decisions: []ReceiptDecision{}, SelfReviewed: r.SelfReviewed,
		ApplicationReviewed: r.ApplicationReviewed()}
	for _, v := range r.Reviews {
		out.Decisions = append(out.Decisions, ReceiptDecision{
			Reviewer: personOf(v.Reviewer), Decision: v.Decision, Explanation: v.Explanation, At: v.When.UTC(),
			PolicyVersion: v.PolicyVersion, OwnRequest: v.OwnRequest, Files: decidedOf(r, v),
		})
	}
	return out
}

func decidedOf(r airlock.Request, v airlock.Review) []FileDecision {
	var out []FileDecision
	for _, f := range v.Files {
		out = append(out, FileDecision{Name: r.Files[f.File].Name, Decision: f.Decision, Comment: f.Comment})
	}
	return out
}

// pseudonymous numbers reviewers whom the requestor is not to know: the receipt is theirs.
// The trail says who they are.
func pseudonymous(r airlock.Request) airlock.Request {
	r = r.Clone()
	known := map[airlock.UserID]airlock.UserID{}
	for i := range r.Reviews {
		id := r.Reviews[i].Reviewer.ID
		if known[id] == "" {
			known[id] = airlock.UserID(fmt.Sprintf("reviewer-%d", len(known)+1))
		}
		r.Reviews[i].Reviewer.ID, r.Reviews[i].Reviewer.Name = known[id], "a reviewer"
	}
	return r
}

// stepsOf lists when each status was reached: the first version that had it,
// again for each time it was reached anew.
func stepsOf(r airlock.Request) []ReceiptStep {
	if r.Rule.Anonymous {
		r = r.WithoutReviewers("")
	}
	all := slices.Clone(r.History)
	all = append(all, airlock.Change{Number: r.Number, When: r.UpdatedWhen, By: r.UpdatedBy, Status: r.Status})
	steps := []ReceiptStep{}
	for _, c := range all {
		if n := len(steps); n > 0 && steps[n-1].Status == c.Status {
			continue
		}
		steps = append(steps, ReceiptStep{Status: c.Status, At: c.When.UTC(), By: personOf(c.By)})
	}
	return steps
}

// Seal returns the receipt's bytes to store. Signatures are random: sealed again,
// the bytes differ, and the first ones stored count.
func (r Receipt) Seal(ctx context.Context, sign Sign) ([]byte, error) {
	payload, err := printed(r)
	if err != nil {
		return nil, err
	}
	body, err := signed(ctx, receiptType, payload, sign)
	if err != nil {
		return nil, fmt.Errorf("audit: receipt of %s: %w", r.Request, err)
	}
	return body, nil
}

// OpenReceipt reads a stored receipt that the service signed. Errors:
// ErrBadEnvelope for anything else; those of key.
func OpenReceipt(ctx context.Context, body []byte, key PublicKey) (Receipt, error) {
	payload, err := genuine(ctx, receiptType, body, key)
	if err != nil {
		return Receipt{}, err
	}
	var r Receipt
	if err := json.Unmarshal(payload, &r); err != nil || r.Format != ReceiptFormat {
		return Receipt{}, ErrBadEnvelope
	}
	return r, nil
}

// Same reports whether a receipt found in place says the same as r, which was made
// now. Records that were written between the two, and the workspace's name, may
// differ. rows are the request's trail, and the receipt's head must be one of them.
func (r Receipt) Same(found Receipt, rows []Row) bool {
	onRecord := slices.ContainsFunc(rows, func(row Row) bool { return row.Seq == found.Chain.Length && row.Hash == found.Chain.Hash })
	found.Chain, found.Workspace.DisplayName = r.Chain, r.Workspace.DisplayName
	return onRecord && same(r, found)
}

// same compares two documents as they are printed.
func same(a, b any) bool {
	one, errOne := printed(a)
	other, errOther := printed(b)
	return errOne == nil && errOther == nil && bytes.Equal(one, other)
}

// Beside is the name for a document whose own name is taken by something that the
// service did not write. Nobody can foresee it, for the document's signature is in it.
func Beside(name string, body []byte) string {
	return strings.TrimSuffix(name, ".json") + "-" + hashOf(body) + ".json"
}
