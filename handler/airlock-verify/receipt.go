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

// receipt is what a release receipt says.
type receipt struct {
	Format    string        `json:"format"`
	Request   string        `json:"request"`
	Type      string        `json:"type"`
	Title     string        `json:"title"`
	Requestor party         `json:"requestor"`
	Files     []receiptFile `json:"files"`
	Workspace struct {
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
		Required     int        `json:"approvalsRequired"`
		Given        int        `json:"approvalsGiven"`
		Decisions    []decision `json:"decisions"`
		SelfReviewed bool       `json:"selfReviewed"`
	} `json:"review"`
	Chain struct {
		Hash   string `json:"hash"`
		Length int    `json:"length"`
	} `json:"chain"`
	ReleasedAt time.Time `json:"releasedAt"`
}

type party struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type decision struct {
	Reviewer party  `json:"reviewer"`
	Decision string `json:"decision"`
}

type receiptFile struct {
	Name     string   `json:"name"`
	Size     int64    `json:"size"`
	SHA256   string   `json:"sha256"`
	Reviewed string   `json:"reviewedEtag"`
	Earlier  []string `json:"earlierEtags"`
	Released string   `json:"releasedEtag"`
	Checked  bool     `json:"releaseChecked"`
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
	o, err := openEnvelope(body, receiptType)
	if err != nil {
		r.wrong("%s is no receipt: %v", names[0], err)
		return nil
	}
	keyID, ok := keys.signed(o)
	if !ok {
		// What it says is then anybody's word: it is not looked at.
		r.wrong("%s is not signed with the keys given, or was edited", names[0])
		return nil
	}
	var rec receipt
	if err := json.Unmarshal(o.payload, &rec); err != nil || rec.Format != receiptFormat {
		r.wrong("%s has the format %q; this program knows %q", names[0], rec.Format, receiptFormat)
		return nil
	}
	r.ok("signed with the key %s", keyID)
	r.ok("%s %s “%s” of %s in workspace %s (%s), released %s", rec.Type, rec.Request, rec.Title, rec.Requestor.Name,
		rec.Workspace.DisplayName, rec.Workspace.ID, rec.ReleasedAt.UTC().Format(time.RFC3339))
	rec.checkReview(r)
	rec.checkScan(r)
	rec.checkReleased(r)
	if *trailFile != "" {
		if err := rec.checkTrail(*trailFile, r); err != nil {
			return err
		}
	}
	if *files == "" {
		r.note("the files were not compared: there was no --files")
		return nil
	}
	return rec.checkFiles(*files, r)
}

// checkReview counts the approvals anew: distinct people, not the requestor.
func (rec receipt) checkReview(r *report) {
	var approvers []string
	names := ""
	for _, d := range rec.Review.Decisions {
		if d.Decision != "approved" || slices.Contains(approvers, d.Reviewer.ID) {
			continue
		}
		approvers = append(approvers, d.Reviewer.ID)
		names += ", " + d.Reviewer.Name
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
			r.wrong("%s: the released bytes were not read again", f.Name)
		}
	}
}

// checkTrail holds the trail against the head the receipt was signed with.
func (rec receipt) checkTrail(file string, r *report) error {
	t, err := readTrail(file)
	if err != nil {
		return err
	}
	if t.Request != rec.Request || t.Workspace != rec.Workspace.ID {
		r.wrong("%s is the trail of another request: %s", file, t.Request)
		return nil
	}
	t.check(r)
	if hash, ok := t.at(rec.Chain.Length); !ok || hash != rec.Chain.Hash {
		r.wrong("%s: record %d, or one before it, is not the one the receipt was signed with", file, rec.Chain.Length)
		return nil
	}
	r.ok("%s: as signed, up to record %d", file, rec.Chain.Length)
	return nil
}
