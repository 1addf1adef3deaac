package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// reckoning accounts for everything that insiders did.
type reckoning struct {
	*siege
	ctx      context.Context
	harms    []harm
	plants   []plant
	lying    []harm // those that still are as the insider left them
	findings []Finding
}

// reckon looks at all damage as it lies there, has an operator mend it, has people end what does not go on, and proves
// every release. The error means that it could not be done.
func (s *siege) reckon(ctx context.Context) ([]Finding, error) {
	q := &reckoning{siege: s, ctx: ctx}
	q.harms, q.plants, _ = s.diary.deeds()
	for _, step := range []func() error{q.inspect, q.judgeHarms, q.judgePlants, q.mend, q.endAll, q.proveReleases, q.judgeRegistry} {
		if err := step(); err != nil {
			return q.findings, err
		}
	}
	s.say("insiders: %d rows damaged, %d of them until the end; %d blobs planted", len(q.harms), len(q.lying), len(q.plants))
	return q.findings, nil
}

func (q *reckoning) find(id string, kind Kind, format string, args ...any) {
	c := Case{ID: id, Story: "insiders", Where: "insiders"}
	for _, one := range append(q.victims.all(), q.spared.all()...) {
		if one.ID == id && id != "" {
			c = one
		}
	}
	what := string(kind) + ": " + fmt.Sprintf(format, args...)
	for _, h := range q.harms {
		if id != "" && h.request == id {
			what += fmt.Sprintf("\n  %s: row %s %s", h.by, h.row().Key(), h.what)
		}
	}
	q.findings = append(q.findings, Finding{Case: c, What: what})
}

// ask makes a call to the API, and again while the service is in another trouble than damaged state.
func (q *reckoning) ask(persona, workspace, method, path string, body any) (answer story.Answer, err error) {
	for range 60 {
		answer, err = q.cloud.Call(q.ctx, persona, workspace, method, path, nil, body)
		changed := answer.Status == http.StatusConflict && strings.Contains(string(answer.Body), "changed_meanwhile")
		if err == nil && !changed && (answer.Status < http.StatusInternalServerError || damagedAnswer(answer)) {
			return answer, nil
		}
		time.Sleep(500 * time.Millisecond)
	}
	return answer, err
}

func damagedAnswer(a story.Answer) bool { return strings.Contains(string(a.Body), "state_damaged") }

func below(id, rest string) string { return "/requests/" + id + rest }

func (q *reckoning) workspace(rest string) string {
	return "/workspaces/" + q.cloud.Workspaces[playedIn] + rest
}

// inspect reads everything once, as people, operators and the timer do.
func (q *reckoning) inspect() error {
	time.Sleep(2 * time.Second) // due requests and the outbox are read every second
	for _, path := range []string{"", "?status=draft", "?status=submitted", "?status=in_review", "?status=approved", "?status=rejected", "?status=cancelled", "?status=failed",
		"?status=revoked", "?status=blocked_by_scan", "?status=approval_in_progress", "?status=rejection_in_progress", "?status=blocking_in_progress", "?status=returned"} {
		if _, err := q.ask(story.Manager, playedIn, http.MethodGet, q.workspace("/requests"+path), nil); err != nil {
			return err
		}
	}
	for _, persona := range []string{story.Researcher, story.Researcher2, story.ResearcherManager} {
		if _, err := q.ask(persona, "", http.MethodGet, "/requests", nil); err != nil {
			return err
		}
	}
	for _, c := range q.victims.all() {
		if c.ID == "" {
			continue
		}
		if _, err := q.ask(c.Creator, playedIn, http.MethodGet, q.workspace(below(c.ID, "")), nil); err != nil {
			return err
		}
	}
	if _, err := q.ask(story.Researcher2, victimWorkspace, http.MethodGet, "/workspaces/"+q.cloud.Workspaces[victimWorkspace]+"/requests", nil); err != nil {
		return err
	}
	_, err := q.ask(story.Admin, "", http.MethodPost, "/operations/reconcile", map[string]any{})
	return err
}

// alerts are the lines of the handler's log that wake an operator.
func (q *reckoning) alerts() ([]string, error) {
	text, err := os.ReadFile(q.cloud.LogFile)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool { return !strings.Contains(line, `\"alert\":`) }), nil
}

func alerted(alerts []string, parts ...string) bool {
	return slices.ContainsFunc(alerts, func(line string) bool {
		return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(line, part) })
	})
}

// judgeHarms: a changed row that lies there is reported, and is counted by the health.
func (q *reckoning) judgeHarms() error {
	alerts, err := q.alerts()
	if err != nil {
		return err
	}
	for _, h := range q.harms {
		row, err := q.cloud.Ground.Row(q.ctx, h.table, h.row().Partition(), h.row().Key())
		if err != nil {
			return err
		}
		if !ground.Same(row, h.now) {
			continue // the service, or the insider, has written it since
		}
		q.lying = append(q.lying, h)
		told, err := q.told(alerts, h)
		if err != nil {
			return err
		}
		if !told {
			q.find(h.request, Wrong, "nobody was told of a damage by the %s: row %s of %s, %s", h.by, h.row().Key(), h.table, h.what)
		}
	}
	return q.judgeHealth()
}

// told reports whether one damage was reported, or may go unreported (docs/THREATS.md).
func (q *reckoning) told(alerts []string, h harm) (bool, error) {
	key := h.row().Key()
	switch {
	case gone(h): // judgeGone
		return true, nil
	case h.table == registryTable && key == q.cloud.Workspaces[playedIn]:
		return alerted(alerts, "registry_changed", key), nil
	case h.table == registryTable && strings.HasPrefix(key, "trail|"):
		a, err := q.ask(story.Admin, "", http.MethodGet, "/workspaces/"+q.cloud.Workspaces[victimWorkspace]+"/history", nil)
		return !strings.Contains(string(a.Body), `"verification":{"ok":true`), err
	case h.table == registryTable:
		return alerted(alerts, "state_damaged", key), nil
	}
	switch kind := key[0]; {
	case kind == 'a' || kind == 'r' && h.old: // the history shows it
		a, err := q.ask(story.Owner, playedIn, http.MethodGet, q.workspace(below(h.request, "/history")), nil)
		return a.Status != http.StatusOK || !strings.Contains(string(a.Body), `"verification":{"ok":true`), err
	case h.now == nil: // an index row that is gone: lists lack something
		return true, nil
	case strings.ContainsRune("vxnmf", rune(kind)): // read only when they are needed; of turns and comments the trail has the hashes
		return true, nil
	case kind == 'w': // only its key is read, and that is a hint: what it says of the request is reported with the request
		return !dueBy(key, time.Now()) || alerted(alerts, "state_damaged", h.request), nil
	}
	return alerted(alerts, "state_damaged", key), nil
}

// dueBy reports whether the time in a due row's key has come.
func dueBy(key string, now time.Time) bool {
	at, err := strconv.ParseInt(strings.Split(key, "|")[1], 10, 64)
	return err == nil && time.Unix(0, at).Before(now)
}

// judgeHealth: an instance that has met damaged rows counts them.
func (q *reckoning) judgeHealth() error {
	if !slices.ContainsFunc(q.lying, func(h harm) bool { return strings.HasPrefix(h.row().Key(), "r|") && h.now != nil && !h.old }) {
		return nil
	}
	var health struct{ DamagedRows int }
	for range 60 { // it answers from memory for some seconds, and there are two
		a, err := q.ask(story.Researcher, playedIn, http.MethodGet, "/health", nil)
		if err != nil {
			return err
		}
		if err := a.Into(&health); err != nil {
			return err
		}
		if health.DamagedRows > 0 {
			return nil
		}
		time.Sleep(500 * time.Millisecond)
	}
	q.find("", Wrong, "the health counts no damaged row")
	return nil
}

// judgePlants: a plant under the name of a signed document is reported, and so is an entry that the log passes over.
func (q *reckoning) judgePlants() error {
	alerts, err := q.alerts()
	if err != nil {
		return err
	}
	for _, p := range q.plants {
		if p.container != "receipts" {
			continue
		}
		id, kind, _ := strings.Cut(strings.TrimSuffix(p.name, ".json"), "/")
		blobs, _, err := q.cloud.Ground.Blobs(q.ctx, ground.EvidenceAccount, "receipts")
		if err != nil {
			return err
		}
		beside := slices.ContainsFunc(blobs, func(b ground.Blob) bool { return strings.HasPrefix(b.Name, id+"/"+kind+"-") })
		if beside && !alerted(alerts, "evidence_planted", p.name) {
			q.find(id, Wrong, "nobody was told of a planted document")
		}
	}
	return nil
}

// document is the part of the API's view of a request that is needed.
type view struct {
	AirlockRequest struct{ Status string }
}

func (q *reckoning) status(c Case) (string, story.Answer, error) {
	a, err := q.ask(c.Creator, playedIn, http.MethodGet, q.workspace(below(c.ID, "")), nil)
	if err != nil || a.Status != http.StatusOK {
		return "", a, err
	}
	var v view
	err = json.Unmarshal(a.Body, &v)
	return v.AirlockRequest.Status, a, err
}
