package story

// measurements are the bytes that the demo's researchers move.
var measurements = []byte("sample,depth,quality\nNA12878,31.2,0.998\nNA12891,29.7,0.996\n")

// Demo returns the stories of the demo.
func Demo() []Story {
	return []Story{
		{"import approved", importApproved},
		{"export approved", exportApproved},
		{"import blocked by the malware scan", importBlocked},
		{"export rejected", exportRejected},
		{"export returned, mended and approved without one file", exportReturned},
		{"draft cancelled", draftCancelled},
		{"scanning switched off", scanningOff},
	}
}

func importApproved(p *Play) {
	p.As(Researcher).Creates(Import).Uploads("measurements.csv", measurements).Submits()
	p.Eventually(InReview)
	p.As(Manager).Reads().Approves("Public reference data.")
	p.Eventually(Approved)
	p.As(Researcher).Reads()
	p.BytesLieWhereTheyBelong().OldDraftLinkIsDead()
	p.HistoryReads("researcher draft", "researcher submitted", "system in_review", "manager approval_in_progress", "system approved")
	p.TrailVerifies().MailsReach(Researcher, Manager)
}

func exportApproved(p *Play) {
	p.As(Researcher).Creates(Export).Uploads("results/table 1.csv", measurements).Submits()
	p.Eventually(InReview)
	p.As(Owner).Reads()
	p.As(Manager2).Reads().Approves("No small cells.")
	p.Eventually(Approved)
	p.As(Researcher).Reads()
	p.BytesLieWhereTheyBelong().OldDraftLinkIsDead()
	p.HistoryReads("researcher draft", "researcher submitted", "system in_review", "manager2 approval_in_progress", "system approved")
	p.TrailVerifies().MailsReach(Researcher, Manager)
}

func importBlocked(p *Play) {
	p.As(Researcher).Creates(Import).UploadsFiles(EICAR("tool.exe")).Submits()
	p.Eventually(BlockedByScan)
	p.As(Researcher).IsRefused("link", 400)
	p.As(Manager).IsRefused("review", 400)
	p.BytesLieWhereTheyBelong().OldDraftLinkIsDead()
	p.HistoryReads("researcher draft", "researcher submitted", "system blocking_in_progress", "system blocked_by_scan")
	p.TrailVerifies().MailsReach(Researcher)
}

func exportRejected(p *Play) {
	p.As(Researcher2).Creates(Export).Uploads("names.csv", []byte("name\nAda\n")).Submits()
	p.Eventually(InReview)
	p.As(Researcher2).IsRefused("review", 403)
	p.As(Manager).Reads().Rejects("Names of participants must not leave.")
	p.Eventually(Rejected)
	p.As(Researcher2).IsRefused("link", 400)
	p.BytesLieWhereTheyBelong().OldDraftLinkIsDead()
	p.HistoryReads("researcher2 draft", "researcher2 submitted", "system in_review", "manager rejection_in_progress", "system rejected")
	p.TrailVerifies().MailsReach(Researcher2)
}

func exportReturned(p *Play) {
	p.As(Researcher).Creates(Export).Uploads("counts.csv", []byte("group,n\na,3\n")).Uploads("model.txt", []byte("y ~ x\n")).Uploads("old.csv", measurements).Submits()
	p.Eventually(InReview)
	p.As(Manager).Claims().Comments("Three is a small number.", "reviewers").AsksForChanges("Round the counts to ten.")
	p.IsReturned()
	p.As(Researcher).Uploads("counts.csv", []byte("group,n\na,<10\n")).Renames("old.csv", "measurements.csv").Submits()
	r := p.Eventually(InReview)
	p.Holds(r.Turn == 2 && r.Changes.Changed == 1 && r.Changes.Renamed == 1 && r.Changes.Unchanged == 1, "turn %d shows %+v", r.Turn, r.Changes)
	p.As(Manager2).Decides("approve", "Fine, without the formula.", map[string]any{"files": []map[string]string{{"name": "model.txt", "decision": "withhold"}}})
	p.Eventually(Approved)
	p.As(Researcher).LeftBehind("model.txt").Reads()
	p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
}

func draftCancelled(p *Play) {
	p.As(Researcher).Creates(Import).Uploads("wrong.csv", measurements)
	p.As(Manager).IsRefused("link", 403)
	p.As(Researcher2).IsRefused("cancel", 403)
	p.As(Researcher).Cancels()
	p.Eventually(Cancelled)
	p.BytesLieWhereTheyBelong().OldDraftLinkIsDead()
	p.HistoryReads("researcher draft", "researcher cancelled")
	p.TrailVerifies()
}

func scanningOff(p *Play) {
	p.Policy("switches scanning off for the workspace", func(policy map[string]any) { Member(policy, "malwareScanning")["enabled"] = false })
	p.As(Researcher).Creates(Import).Uploads("measurements.csv", measurements).Submits()
	p.Eventually(InReview)
	p.As(Manager).Reads().Approves("Trusted source.")
	p.Eventually(Approved)
	p.As(Owner).Reads()
	p.BytesLieWhereTheyBelong().OldDraftLinkIsDead()
	p.HistoryReads("researcher draft", "researcher submitted", "system in_review", "manager approval_in_progress", "system approved")
	p.TrailVerifies()
}
