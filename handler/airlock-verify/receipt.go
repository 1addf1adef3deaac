package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"
)

const (
	receiptType   = "application/vnd.airlock.receipt+json"
	receiptFormat = "airlock-receipt/1"
)

// receipt is the content of a release receipt.
type receipt struct {
	Format    string        `json:"format"`
	Request   string        `json:"request"`
	Type      string        `json:"type"`
	Title     string        `json:"title"`
	Requestor party         `json:"requestor"`
	Turn      int           `json:"turn"`
	Answers   string        `json:"answersSha256"`
	Files     []receiptFile `json:"files"`
	// Withheld were reviewed and not released; Supporting only helped the reviewers.
	Withheld   []keptFile `json:"withheld"`
	Supporting []keptFile `json:"supporting"`
	Workspace  struct {
		ID          string `json:"id"`
		DisplayName string `json:"displayName"`
	} `json:"workspace"`
	Scan struct {
		Required bool `json:"required"`
		Verdicts []struct {
			File    string `json:"file"`
			ETag    string `json:"etag"`
			Outcome string `json:"outcome"`
		} `json:"verdicts"`
	} `json:"scan"`
	Review struct {
		Required      int        `json:"approvalsRequired"`
		Given         int        `json:"approvalsGiven"`
		Independent   bool       `json:"independent"`
		Differ        string     `json:"onDisagreement"`
		Anonymous     bool       `json:"anonymous"`
		Decisions     []decision `json:"decisions"`
		SelfReviewed  bool       `json:"selfReviewed"`
		ByApplication bool       `json:"applicationReviewed"`
	} `json:"review"`
	Chain struct {
		Hash   string `json:"hash"`
		Length int    `json:"length"`
	} `json:"chain"`
	ReleasedAt time.Time `json:"releasedAt"`

	stored []byte // as it was read, with its signature
}

type party struct {
	Kind string `json:"kind"` // receipts from before it was written are of people
	ID   string `json:"id"`
	Name string `json:"name"`
}

type decision struct {
	Reviewer    party          `json:"reviewer"`
	Decision    string         `json:"decision"`
	Explanation string         `json:"explanation"`
	At          time.Time      `json:"at"`
	Files       []fileDecision `json:"files"`
}

type keptFile struct {
	Name string `json:"name"`
}

type receiptFile struct {
	Name      string   `json:"name"`
	Size      int64    `json:"size"`
	SHA256    string   `json:"sha256"`
	Submitted string   `json:"submittedEtag"`
	Reviewed  string   `json:"reviewedEtag"`
	Earlier   []string `json:"earlierEtags"`
	Released  string   `json:"releasedEtag"`
	Checked   bool     `json:"releaseChecked"`
}

func receiptCommand(args []string, r *report) error {
	set := flag.NewFlagSet("receipt", flag.ContinueOnError)
	var keyFiles repeated
	set.Var(&keyFiles, "keys", "")
	set.Var(&keyFiles, "public-key", "")
	files := set.String("files", "", "")
	trailFile := set.String("trail", "", "")
	names, err := options(set, args)
	if err != nil {
		return err
	}
	if len(names) != 1 || len(keyFiles) == 0 {
		return fmt.Errorf("receipt needs one file and --keys: %w", errUsage)
	}
	keys, err := readKeys(keyFiles)
	if err != nil {
		return err
	}
	body, err := os.ReadFile(names[0])
	if err != nil {
		return err
	}
	rec, ok := openReceipt(names[0], body, keys, r)
	if !ok {
		return nil
	}
	rec.checkContent(r)
	if *trailFile != "" {
		t, err := readTrail(*trailFile)
		if err != nil {
			return err
		}
		rec.checkTrail(t, r)
	} else {
		r.note("the decisions were not looked up in the audit trail: there was no --trail")
	}
	if *files == "" {
		r.note("the files were not compared: there was no --files")
		return nil
	}
	return rec.checkFiles(*files, r)
}

// openReceipt reads a receipt that one of the keys signed. It does not look at a
// receipt of another key: anybody could have written it.
func openReceipt(name string, body []byte, keys trusted, r *report) (receipt, bool) {
	var rec receipt
	o, err := openEnvelope(body, receiptType)
	if err != nil {
		r.wrong("%s is no receipt: %v", name, err)
		return rec, false
	}
	keyID, ok := keys.signed(o)
	if !ok {
		r.wrong("%s is not signed with the keys given, or was edited", name)
		return rec, false
	}
	if err := json.Unmarshal(o.payload, &rec); err != nil || rec.Format != receiptFormat {
		r.wrong("%s has the format %q; this program knows %q", name, rec.Format, receiptFormat)
		return rec, false
	}
	r.ok("%s is signed with the key %s", name, keyID)
	rec.stored = body
	return rec, true
}

// checkContent checks what a receipt says by itself.
func (rec receipt) checkContent(r *report) {
	r.ok("%s %s “%s” of %s in workspace %s (%s), released %s", rec.Type, rec.Request, rec.Title, rec.Requestor.Name,
		rec.Workspace.DisplayName, rec.Workspace.ID, rec.ReleasedAt.UTC().Format(time.RFC3339))
	rec.checkReview(r)
	rec.checkScan(r)
	rec.checkReleased(r)
}

// checkReview counts the approvals anew: distinct people, not the requestor, and
// applications only where the receipt says that the policy let them.
func (rec receipt) checkReview(r *report) {
	var approvers, reviewers []string
	names := ""
	for _, d := range slices.Backward(rec.Review.Decisions) { // the last one of each reviewer counts
		if d.Decision == "revoked" || slices.Contains(reviewers, d.Reviewer.ID) {
			continue
		}
		reviewers = append(reviewers, d.Reviewer.ID)
		if d.Decision != "approved" {
			continue
		}
		if d.Reviewer.Kind == "application" {
			if !rec.Review.ByApplication {
				r.wrong("the application %s approved, which people do", d.Reviewer.ID)
				continue
			}
			r.note("the application %s approved; the receipt says that the policy allowed it", d.Reviewer.ID)
		}
		approvers = append(approvers, d.Reviewer.ID)
		names = ", " + d.Reviewer.Name + names
		if d.Reviewer.ID != rec.Requestor.ID {
			continue
		}
		if rec.Review.SelfReviewed {
			r.note("the requestor approved their own request; the receipt says that the policy allowed it")
		} else {
			r.wrong("the requestor %s approved their own request", d.Reviewer.Name)
		}
	}
	switch given := len(approvers); {
	case rec.Review.Required < 1:
		r.wrong("the receipt asks for no approval")
	case rec.Review.Independent && rec.Review.Differ == "third_reviewer" && 2*given > len(reviewers) && len(reviewers) >= rec.Review.Required && given == rec.Review.Given:
		r.ok("%d of %d independent reviewers approved: %s", given, len(reviewers), names[2:])
	case given < rec.Review.Required:
		r.wrong("%d of %d approvals", given, rec.Review.Required)
	case given != rec.Review.Given:
		r.wrong("the receipt counts %d approvals and lists %d", rec.Review.Given, given)
	default:
		r.ok("%d of %d approvals: %s", given, rec.Review.Required, names[2:])
	}
}

// checkScan looks for a clean verdict on the reviewed bytes of every file.
func (rec receipt) checkScan(r *report) {
	if !rec.Scan.Required {
		r.note("the policy asked for no malware scan")
		return
	}
	before := r.bad
	for _, f := range rec.Files {
		outcome := "none"
		for _, v := range rec.Scan.Verdicts {
			// Malware is a wrong whichever copy it was found in.
			about := v.ETag == f.Reviewed || slices.Contains(f.Earlier, v.ETag) || v.Outcome == "malicious"
			if v.File == f.Name && about && outcome != "malicious" {
				outcome = v.Outcome
			}
		}
		switch outcome {
		case "clean":
		case "not_scanned", "error", "none":
			r.note("%s was released without a conclusive verdict (%s): the policy left it to the reviewer", f.Name, outcome)
		default:
			r.wrong("%s was released with the verdict %s", f.Name, outcome)
		}
	}
	if r.bad == before {
		r.ok("no verdict speaks against the release")
	}
}

// checkReleased looks whether the chain of proof of every file is whole.
func (rec receipt) checkReleased(r *report) {
	if len(rec.Files) == 0 {
		r.wrong("the receipt lists no files")
	}
	for _, f := range rec.Files {
		switch {
		case f.Reviewed == "" || f.Released == "":
			r.wrong("%s: the receipt does not say which bytes were reviewed and released", f.Name)
		case f.SHA256 == "":
			r.note("%s is above the limit for hashing: the chain of ETags alone is the proof", f.Name)
		case !f.Checked:
			r.wrong("%s: the released bytes were not compared with the reviewed ones", f.Name)
		}
	}
}

// checkTrail checks the trail, holds it against the head the receipt was signed
// with, and replays it.
func (rec receipt) checkTrail(t *trail, r *report) {
	if t.Request != rec.Request || t.Workspace != rec.Workspace.ID {
		r.wrong("%s is the trail of another request: %s", t.file, t.Request)
		return
	}
	before := r.bad
	t.check(r)
	if hash, ok := t.at(rec.Chain.Length); !ok || hash != rec.Chain.Hash {
		r.wrong("%s: record %d, or one before it, is not the one the receipt was signed with", t.file, rec.Chain.Length)
		return
	}
	r.ok("%s: as signed, up to record %d", t.file, rec.Chain.Length)
	if r.bad == before {
		rec.checkReplay(t, r)
	}
}
