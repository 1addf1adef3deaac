package chaos

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// gatedExport has an export with a content gate uploaded, not submitted.
func gatedExport(p *story.Play, file story.File) {
	p.Policy("exports have to pass a content gate", func(policy map[string]any) {
		story.Member(policy, "gates")["export"] = []any{inspected()}
	})
	p.As(story.Researcher).Creates(story.Export).UploadsFiles(file)
}

// progressForged keeps it as the progress of the inspection that the file was looked at and holds nothing.
func progressForged(p *story.Play) {
	gatedExport(p, smallCells)
	manifest := record{Files: []recordFile{{Name: smallCells.Name, Size: smallCells.Size, SHA256: smallCells.SHA256()}}}
	body, err := json.Marshal(map[string]any{"digest": digestOf(manifest), "file": 1,
		"reports": []any{map[string]any{"type": "csv", "read": smallCells.Size, "complete": true, "findings": []any{}}}})
	must(p, err)
	planted, err := p.Cloud.Ground.Plant(p.Context(), ground.StateAccount, "inspect", p.ID+"/1/"+contentGate+".json", body)
	must(p, err)
	p.Holds(planted, "the attack itself fails: an inspection has begun already")
	p.As(story.Researcher).Submits()
	p.Eventually(story.BlockedByScan)
	p.TrailVerifies()
	nothingReleased(p)
}

// reportReplaced puts a report without findings in the place of the one that reviewers have to acknowledge.
func reportReplaced(p *story.Play) {
	gatedExport(p, story.Noise("a.csv", 1000, 1))
	p.As(story.Researcher).Submits()
	p.Eventually(story.InReview)
	blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), ground.EvidenceAccount, findingsContainer)
	must(p, err)
	i := slices.IndexFunc(blobs, func(b ground.Blob) bool { return strings.HasPrefix(b.Name, p.ID+"/") })
	p.Holds(i >= 0, "the attack itself fails: there is no report")
	_, err = p.Cloud.Ground.Write(p.Context(), ground.EvidenceAccount, findingsContainer, blobs[i].Name,
		[]byte(`{"format":"airlock-findings/1","request":"`+p.ID+`","turn":1,"gate":"content","outcome":"passed","files":[]}`))
	must(p, err)
	answer := p.As(story.Manager).Tries("review")
	p.Holds(answer.Status/100 != 2, "findings are approved by another report: %s", answer)
	p.As(story.Manager).Rejects("nobody knows any more what was found")
	p.Eventually(story.Rejected)
	nothingReleased(p)
}

// engineImpersonated has everybody but the engine speak for a gate: nobody else's word lets the request on.
func engineImpersonated(p *story.Play) {
	p.Policy("exports have to pass an engine", func(policy map[string]any) {
		story.Member(policy, "gates")["export"] = []any{asked(externalGate, nil)}
	})
	p.As(story.Researcher).Creates(story.Export).Uploads("a.csv", clean).Submits()
	e := callEngine(p)
	for _, persona := range []string{story.Admin, story.Robot} {
		e.Person = p.As(persona).WithTokenOf("")
		answer := e.puts(e.task.Digest, "passed")
		p.Holds(answer.Status == http.StatusForbidden, "%s speaks for an engine: %s", persona, answer)
	}
	p.TrailHasSoon("the attempt", func(r story.AuditRecord) bool { return r.Security })
	p.Holds(p.Now().Status == story.Submitted, "somebody else's word lets the request on")
	p.As(story.Owner).GivesUp("the engine does not answer")
	p.TrailVerifies()
}
