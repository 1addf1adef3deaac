package chaos

import (
	"context"
	"math/rand/v2"
	"strings"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// registryTable holds the workspaces, in one partition.
const (
	registryTable     = "AirlockWorkspaces"
	registryPartition = "workspaces"
)

// victimWorkspace is the workspace whose row in force the registry writer is after; the stories are played in another one,
// of which they change what others may write. A row in force that is damaged closes a workspace, and is meant to.
const victimWorkspace = "imaging"

// reshapes are changes that an insider wants of a workspace.
var reshapes = []func(document string) string{
	func(d string) string {
		return strings.Replace(d, `"allowSelfReview":false`, `"allowSelfReview":true`, 1)
	},
	func(d string) string { return strings.ReplaceAll(d, "stalimapp", "stalelsewhere") },
	func(d string) string { return strings.Replace(d, `"clientId":"`, `"clientId":"0`, 1) },
	func(string) string { return "no JSON {" },
}

// harmRegistry damages one row of the registry. The error is of the storage itself.
func (s *siege) harmRegistry(ctx context.Context, dice *rand.Rand) error {
	played, victim := s.cloud.Workspaces[playedIn], s.cloud.Workspaces[victimWorkspace]
	all, err := s.cloud.Ground.Rows(ctx, registryTable, registryPartition, "")
	if err != nil {
		return err
	}
	inForce := map[string]ground.Row{}
	var trail []ground.Row
	for _, row := range all {
		switch id, of, _ := strings.Cut(row.Key(), "|"); {
		case of == "in-force":
			inForce[id] = row
		case id == "trail" && strings.HasPrefix(of, victim):
			trail = append(trail, row)
		}
	}
	h := harm{by: registryWriter, table: registryTable}
	switch {
	case dice.IntN(2) == 0 || inForce[victim] == nil || len(trail) == 0: // what others may write
		if h.was, err = s.cloud.Ground.Row(ctx, registryTable, registryPartition, played); err != nil || inForce[played] == nil {
			return err
		}
		h.what = "a row that is not in force changed"
		h.now = ground.Row{"PartitionKey": registryPartition, "RowKey": played,
			"Document": pick(dice, reshapes)(inForce[played].Text("Document"))}
	case dice.IntN(3) == 0:
		h.what, h.was = "a record of the workspace's trail edited", pick(dice, trail)
		h.now = edited(h.was)
	case dice.IntN(2) == 0:
		h.what, h.was = "the row in force removed", inForce[victim]
	default:
		h.what, h.was, h.now = "the row in force edited", inForce[victim], copyOf(inForce[victim])
		h.now.SetText("Document", pick(dice, reshapes)(h.was.Text("Document")))
	}
	if ground.Same(h.was, h.now) {
		return nil
	}
	done, err := s.cloud.Ground.Exchange(ctx, h.table, h.was, h.now)
	if done {
		s.diary.harmed(h)
	}
	return err
}

// playedIn is the workspace that stories are played in unless they say otherwise.
const playedIn = "genomics"

// selfReview has somebody who may do both try to review their own request, as the registry writer would have it.
func selfReview(p *story.Play, files []story.File, d *drafter) {
	d.submits(p.As(story.ResearcherManager).Creates(story.Export).UploadsFiles(files...))
	p.Eventually(story.InReview)
	answer := p.As(story.ResearcherManager).Tries("review")
	p.Holds(answer.Status/100 == 4, "somebody reviews their own request: %s", answer)
	p.As(story.Manager).Rejects("no")
	p.Eventually(story.Rejected)
}
