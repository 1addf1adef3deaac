package story_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"example.org/airlock/localcloud/ground"
	. "example.org/airlock/localcloud/story"
)

// A table writer: may write and delete any row of the state account, and nothing else.

const registryTable = "AirlockWorkspaces"

// rows are those whose keys begin so.
func rows(p *Play, table, partition, prefix string) []ground.Row {
	found, err := p.Cloud.Ground.Rows(p.Context(), table, partition, prefix)
	p.Holds(err == nil, "the rows cannot be read: %v", err)
	return found
}

func put(p *Play, table string, row ground.Row) {
	err := p.Cloud.Ground.Put(p.Context(), table, row)
	p.Holds(err == nil, "the attack itself fails: %v", err)
}

func copied(row ground.Row) ground.Row {
	out := ground.Row{}
	for name, value := range row {
		out[name] = value
	}
	return out
}

// damagedRows is how many rows the health says are not as they were written.
func damagedRows(p *Play) float64 {
	var health struct{ DamagedRows float64 }
	answer := p.As(Researcher).Ask(http.MethodGet, "/health", nil, nil)
	p.Holds(answer.Into(&health) == nil, "no health: %s", answer)
	return health.DamagedRows
}

func TestARequestThatATableWriterChanged(t *testing.T) {
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.Until(func() string { // work under way must not write over the attack
			if left := rows(p, ground.RequestsTable, p.WorkspaceID(), "o|"); len(left) > 0 {
				return "events are not published yet"
			}
			return ""
		})
		path := "/workspaces/" + p.WorkspaceID() + "/requests"
		good := rows(p, ground.RequestsTable, p.WorkspaceID(), "r|"+p.ID)[0]
		forged := copied(good)
		forged.SetText("Document", strings.Replace(good.Text("Document"), `"status":"in_review"`, `"status":"approval_in_progress"`, 1))
		put(p, ground.RequestsTable, forged)
		for _, action := range []string{"review", "cancel", "link"} {
			answer := p.As(Manager).Tries(action)
			p.Holds(answer.Status == http.StatusInternalServerError && strings.Contains(string(answer.Body), "state_damaged") || answer.Status == http.StatusForbidden, "%s: %s", action, answer)
		}
		answer := p.As(Researcher).Ask(http.MethodGet, path+"/"+p.ID, nil, nil)
		p.Holds(answer.Status == http.StatusInternalServerError && strings.Contains(string(answer.Body), "state_damaged"), "it is shown: %s", answer)
		p.Holds(damagedRows(p) >= 1, "the health does not tell")
		put(p, ground.RequestsTable, good)
		p.Eventually(InReview)

		for _, listing := range rows(p, ground.RequestsTable, p.WorkspaceID(), "t|") {
			if !strings.HasSuffix(listing.Key(), p.ID) {
				continue
			}
			bad := copied(listing)
			bad.SetText("Document", strings.Replace(listing.Text("Document"), `"title":"`, `"title":"forged `, 1))
			put(p, ground.RequestsTable, bad)
			answer := p.As(Researcher).Ask(http.MethodGet, path, nil, nil)
			p.Holds(answer.Status == http.StatusOK && strings.Contains(string(answer.Body), `"damagedRows":1`) && !strings.Contains(string(answer.Body), p.ID), "the list shows it: %s", answer)
			put(p, ground.RequestsTable, listing)
		}
		p.As(Manager).Rejects("no")
		p.Eventually(Rejected)
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

// The accounts of the workspace are exchanged behind the service's back, by a row that
// looks like Terraform's and by the row in force itself; then a release is revoked.
func TestAccountsExchangedBehindTheServicesBack(t *testing.T) {
	playIn(t, "imaging", time.Minute, func(p *Play) {
		p.As(Researcher2).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		inForce := rows(p, registryTable, "workspaces", p.WorkspaceID()+"|in-force")
		p.Holds(len(inForce) == 1, "%d rows in force", len(inForce))
		swapped := strings.ReplaceAll(inForce[0].Text("Document"), "stalimappimaging", "stalimappelsewhere")
		p.Holds(swapped != inForce[0].Text("Document"), "the attack itself fails")
		outside := ground.Row{"PartitionKey": "workspaces", "RowKey": p.WorkspaceID(), "Document": swapped}
		before := rows(p, registryTable, "workspaces", p.WorkspaceID())
		put(p, registryTable, outside)
		p.After(func() {
			if len(before) == 2 {
				put(p, registryTable, before[0])
				return
			}
			_ = p.Cloud.Ground.Remove(p.Context(), registryTable, outside)
		})
		answer := p.As(Admin).WithTokenOf("").Ask(http.MethodPost, "/workspaces/"+p.WorkspaceID()+"/accept", nil, map[string]any{"look": true})
		p.Holds(answer.Status == http.StatusOK && strings.Contains(string(answer.Body), "accounts.stalimapp") && strings.Contains(string(answer.Body), `"taken":false`), "the difference does not show: %s", answer)
		answer = p.As(Admin).WithTokenOf("").Ask(http.MethodGet, "/workspaces/"+p.WorkspaceID(), nil, nil)
		p.Holds(!strings.Contains(string(answer.Body), "stalimappelsewhere"), "it is in force: %s", answer)
		p.As(Manager).Approves("fine")
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong()
		p.As(Manager).Revokes("a mistake")
		p.Eventually(Revoked)
		p.BytesLieWhereTheyBelong().TrailVerifies()
		p.TrailHasSoon("where it was deleted", func(r AuditRecord) bool {
			return r.Action == "data_deleted" && strings.Contains(r.Detail["accounts"], "stalimappimaging")
		})

		forged := copied(inForce[0])
		forged.SetText("Document", swapped)
		put(p, registryTable, forged)
		p.After(func() { put(p, registryTable, inForce[0]) })
		p.Until(func() string { // from memory at first
			answer := p.As(Researcher2).Ask(http.MethodGet, "/workspaces/"+p.WorkspaceID()+"/requests", nil, nil)
			if answer.Status != http.StatusInternalServerError || !strings.Contains(string(answer.Body), "state_damaged") {
				return "the forged row is believed: " + answer.String()
			}
			return ""
		})
	})
}

// Self-review is switched on, used, and off again: anybody can later read it.
func TestAPolicyThatWasSwitchedOnAndOff(t *testing.T) {
	play(t, func(p *Play) {
		p.Policy("allows self-review", func(policy map[string]any) { Member(policy, "review")["allowSelfReview"] = true })
		p.Policy("forbids it again", func(policy map[string]any) { Member(policy, "review")["allowSelfReview"] = false })
		var history struct {
			Verification struct{ OK bool }
			Records      []struct {
				Record struct {
					Action, PolicyHash string
					Actor              struct{ ID string }
					Document           struct {
						Policy struct {
							Review struct{ AllowSelfReview bool }
						}
					}
				}
			}
		}
		answer := p.As(Researcher).Ask(http.MethodGet, "/workspaces/"+p.WorkspaceID()+"/history", nil, nil)
		p.Holds(answer.Into(&history) == nil && history.Verification.OK, "the trail of the workspace does not verify: %s", answer)
		var said []bool
		for _, r := range history.Records {
			said = append(said, r.Record.Document.Policy.Review.AllowSelfReview)
		}
		n := len(said)
		p.Holds(n >= 3 && !said[n-1] && said[n-2], "the policy that was in force in between is not on record: %v", said)
		p.Holds(history.Records[n-2].Record.Actor.ID != "", "nobody did it: %s", answer)
	})
}
