package chaos

import (
	"example.org/airlock/localcloud/story"
)

// scenario is a story as chaos plays it: people's steps and what they wait for, without the checks that the inquest makes.
type scenario struct {
	name    string
	end     string
	scanned bool // its end depends on the malware scan
	play    func(p *story.Play, files []story.File, d *drafter)
}

// scenarios are all ways through the airlock.
var scenarios = []scenario{
	{"import approved", story.Approved, false, func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher).Creates(story.Import).UploadsFiles(files...))
		p.Eventually(story.InReview)
		p.As(story.Manager).Approves("fine")
		p.Eventually(story.Approved)
	}},
	{"export approved", story.Approved, false, func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher2).Creates(story.Export).UploadsFiles(files...))
		p.Eventually(story.InReview)
		p.As(story.Manager).Approves("fine")
		p.Eventually(story.Approved)
	}},
	{"import blocked", story.BlockedByScan, true, func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher).Creates(story.Import).UploadsFiles(append(files[:len(files)-1:len(files)-1], story.EICAR(files[len(files)-1].Name))...))
		p.Eventually(story.BlockedByScan)
	}},
	{"export rejected", story.Rejected, false, func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher).Creates(story.Export).UploadsFiles(files...))
		p.Eventually(story.InReview)
		p.As(story.Manager2).Rejects("no")
		p.Eventually(story.Rejected)
	}},
	{"returned and approved", story.Approved, false, func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher).Creates(story.Export).UploadsFiles(files...))
		p.Eventually(story.InReview)
		p.As(story.Manager).AsksForChanges("once more")
		p.IsReturned()
		p.As(story.Researcher).Uploads(files[0].Name, []byte("mended\n")).Submits()
		p.Eventually(story.InReview)
		p.As(story.Manager2).Approves("fine")
		p.Eventually(story.Approved)
	}},
	{"draft cancelled", story.Cancelled, false, func(p *story.Play, files []story.File, d *drafter) {
		d.spoils(p.As(story.Researcher).Creates(story.Import).UploadsFiles(files...)).Cancels()
		p.Eventually(story.Cancelled)
	}},
	{"cancelled in review", story.Cancelled, false, func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher).Creates(story.Export).UploadsFiles(files...))
		p.Eventually(story.InReview)
		p.As(story.Owner).Cancels()
		p.Eventually(story.Cancelled)
	}},
	{"revoked", story.Revoked, false, func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher).Creates(story.Import).UploadsFiles(files...))
		p.Eventually(story.InReview)
		p.As(story.Manager).Approves("fine")
		p.Eventually(story.Approved)
		p.As(story.Manager2).Revokes("not fine after all")
		p.Eventually(story.Revoked)
	}},
	{"scanned again and approved", story.Approved, true, func(p *story.Play, files []story.File, d *drafter) {
		p.As(story.Researcher2).Creates(story.Export).UploadsFiles(files...)
		must(p, p.Cloud.VerdictOnce(p.Context(), "error", p.ID))
		d.submits(p.As(story.Researcher2))
		p.Eventually(story.InReview)
		p.As(story.Manager2).Approves("fine")
		p.Eventually(story.Approved)
	}},
}
