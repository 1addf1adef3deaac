package chaos

import (
	"context"
	"slices"

	"example.org/airlock/localcloud/story"
)

// scenario is a story as chaos plays it: people's steps and what they wait for, without the checks that the inquest makes.
type scenario struct {
	name      string
	end       string
	workspace string // "" is the one that is played in unless something else matters
	scanned   bool   // its end depends on the malware scan
	slow      bool   // it waits for a deadline of minutes
	finds     string // what its content gate must find
	play      func(p *story.Play, files []story.File, d *drafter)
}

// run plays the scenario with files on a cloud and returns its case, with the error that its story met. Its workspace is the
// scenario's, whatever o says.
func (s scenario) run(ctx context.Context, c *story.Cloud, files []story.File, where string, o story.Options) (Case, error) {
	var played *story.Play
	o.Workspace = s.workspace
	err := c.Run(ctx, story.Story{Name: s.name, Play: func(p *story.Play) { played = p; s.play(p, files, nil) }}, o)
	return caseOf(played, s, where, err), err
}

// scenarios are all ways through the airlock.
var scenarios = slices.Concat(ungated, gated)

// ungated are those whose end no gate beside the malware scan decides. Exports pass a content gate in them, too, which leaves
// findings to their reviewers.
var ungated = []scenario{
	{name: "import approved", end: story.Approved, play: func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher).Creates(story.Import).UploadsFiles(files...))
		p.Eventually(story.InReview)
		p.As(story.Manager).Approves("fine")
		p.Eventually(story.Approved)
	}},
	{name: "export approved", end: story.Approved, play: func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher2).Creates(story.Export).UploadsFiles(files...))
		p.Eventually(story.InReview)
		unseen(p, story.Manager)
		p.As(story.Manager).ApprovesWhatWasFound("fine")
		p.Eventually(story.Approved)
	}},
	{name: "import blocked", end: story.BlockedByScan, scanned: true, play: func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher).Creates(story.Import).UploadsFiles(append(files[:len(files)-1:len(files)-1], story.EICAR(files[len(files)-1].Name))...))
		p.Eventually(story.BlockedByScan)
	}},
	{name: "export rejected", end: story.Rejected, play: func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher).Creates(story.Export).UploadsFiles(files...))
		p.Eventually(story.InReview)
		p.As(story.Manager2).Rejects("no")
		p.Eventually(story.Rejected)
	}},
	{name: "returned and approved", end: story.Approved, play: func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher).Creates(story.Export).UploadsFiles(files...))
		p.Eventually(story.InReview)
		p.As(story.Manager).AsksForChanges("once more")
		p.IsReturned()
		p.As(story.Researcher).Uploads(files[0].Name, []byte("mended\n")).Submits()
		p.Eventually(story.InReview)
		p.As(story.Manager2).ApprovesWhatWasFound("fine")
		p.Eventually(story.Approved)
	}},
	{name: "draft cancelled", end: story.Cancelled, play: func(p *story.Play, files []story.File, d *drafter) {
		d.spoils(p.As(story.Researcher).Creates(story.Import).UploadsFiles(files...)).Cancels()
		p.Eventually(story.Cancelled)
	}},
	{name: "cancelled in review", end: story.Cancelled, play: func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher).Creates(story.Export).UploadsFiles(files...))
		p.Eventually(story.InReview)
		p.As(story.Owner).Cancels()
		p.Eventually(story.Cancelled)
	}},
	{name: "revoked", end: story.Revoked, play: func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher).Creates(story.Import).UploadsFiles(files...))
		p.Eventually(story.InReview)
		p.As(story.Manager).Approves("fine")
		p.Eventually(story.Approved)
		p.As(story.Manager2).Revokes("not fine after all")
		p.Eventually(story.Revoked)
	}},
	{name: "scanned again and approved", end: story.Approved, scanned: true, play: func(p *story.Play, files []story.File, d *drafter) {
		p.As(story.Researcher2).Creates(story.Export).UploadsFiles(files...)
		must(p, p.Cloud.VerdictOnce(p.Context(), "error", p.ID))
		d.submits(p.As(story.Researcher2))
		p.Eventually(story.InReview)
		p.As(story.Manager2).ApprovesWhatWasFound("fine")
		p.Eventually(story.Approved)
	}},
}
