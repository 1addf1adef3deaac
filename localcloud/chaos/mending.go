package chaos

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// mend takes the operator's steps of the runbook: rows are put back as they were, the last damage first, and what was
// invented is taken away. Requests and workspaces whose own rows are gone come last: with all else in order, the
// comparison with the log of anchors says so. A row of an index that is gone stays so; the request is ended without it.
func (q *reckoning) mend() error {
	here := func(h harm) bool { return h.now != nil || strings.HasPrefix(h.row().Key(), "a|") }
	if err := q.putBack(here); err != nil {
		return err
	}
	if err := q.judgeGone(); err != nil {
		return err
	}
	// A row that was damaged before it was taken away is both put back and mended.
	if err := q.putBack(func(h harm) bool { return gone(h) || here(h) }); err != nil {
		return err
	}
	if err := q.cutForks(); err != nil {
		return err
	}
	return q.clearParked()
}

// cutForks takes away the records behind the end of a trail: where a request's row was put back and the next record was
// removed, the request has gone on from there, and stands still at the first record of its other life. That it was cut
// stays known to the log of anchors.
func (q *reckoning) cutForks() error {
	l, err := readLedger(q.ctx, q.cloud.Ground, nil)
	if err != nil {
		return err
	}
	for _, h := range q.harms {
		e := l.requests[h.request]
		if !h.old || e == nil || len(e.audit) <= e.document.Chain.Length {
			continue
		}
		rows, err := q.cloud.Ground.Rows(q.ctx, ground.RequestsTable, e.workspace, "a|"+h.request+"|")
		if err != nil {
			return err
		}
		for _, row := range rows {
			if seq, _ := strconv.Atoi(row.Key()[strings.LastIndexByte(row.Key(), '|')+1:]); seq > e.document.Chain.Length {
				if _, err := q.cloud.Ground.Exchange(q.ctx, ground.RequestsTable, row, nil); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// gone reports whether a harm took away the row of a request itself, or one of the registry.
func gone(h harm) bool {
	return h.now == nil && (h.table == registryTable || strings.HasPrefix(h.row().Key(), "r|"))
}

// putBack undoes the harms of some kind that lie there as they were done.
func (q *reckoning) putBack(which func(harm) bool) error {
	for _, h := range slices.Backward(q.harms) {
		if !which(h) {
			continue
		}
		row, err := q.cloud.Ground.Row(q.ctx, h.table, h.row().Partition(), h.row().Key())
		if err != nil {
			return err
		}
		if !ground.Same(row, h.now) || ground.Same(row, h.was) {
			continue
		}
		done, err := q.cloud.Ground.Exchange(q.ctx, h.table, row, h.was)
		if err != nil {
			return err
		}
		if !done {
			return fmt.Errorf("row %s of %s cannot be mended: somebody else writes it", h.row().Key(), h.table)
		}
	}
	return nil
}

// judgeGone: a request's row, or what is in force for a workspace, is missed when it is gone.
func (q *reckoning) judgeGone() error {
	log, err := q.anchors()
	if err != nil {
		return err
	}
	var missing []string
	for _, h := range q.harms {
		if !gone(h) {
			continue
		}
		row, err := q.cloud.Ground.Row(q.ctx, h.table, h.row().Partition(), h.row().Key())
		if err != nil {
			return err
		}
		if row == nil && strings.Contains(log, trailName(h)) {
			missing = append(missing, h.row().Key())
		}
	}
	if len(missing) == 0 {
		return nil
	}
	time.Sleep(registryRemembered)
	if _, err := q.ask(story.Admin, "", http.MethodPost, "/operations/reconcile", map[string]any{}); err != nil {
		return err
	}
	alerts, err := q.alerts()
	if err == nil && !alerted(alerts, "trails that the log of anchors knows are not there") {
		q.find("", Wrong, "nobody misses the rows that are gone: %s", strings.Join(missing, " "))
	}
	return err
}

// trailName is the name that the log of anchors has for the trail that a row belongs to.
func trailName(h harm) string {
	workspace := h.row().Partition()
	if h.table == registryTable {
		workspace, _, _ = strings.Cut(h.row().Key(), "|")
	}
	sum := sha256.Sum256([]byte(workspace + "/" + h.request))
	return hex.EncodeToString(sum[:])
}

// anchors are the payloads of all entries of the log: a trail that was damaged before it was anchored can be missed by nobody.
func (q *reckoning) anchors() (string, error) {
	blobs, _, err := q.cloud.Ground.Blobs(q.ctx, ground.EvidenceAccount, "anchors")
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, b := range blobs {
		if strings.Contains(b.Name, "/") {
			continue
		}
		body, err := q.cloud.Ground.Read(q.ctx, ground.EvidenceAccount, "anchors", b.Name)
		if err != nil {
			return "", err
		}
		var envelope struct{ Payload []byte }
		if json.Unmarshal(body, &envelope) == nil {
			all.Write(envelope.Payload)
		}
	}
	return all.String(), nil
}

// registryRemembered is how long handlers go by what they have read of the registry.
const registryRemembered = 6 * time.Second

// clearParked has the operator hand every parked event to its function again, and forget those that cannot be handled.
func (q *reckoning) clearParked() error {
	for range 20 {
		var list struct{ ParkedEvents []struct{ ID string } }
		a, err := q.ask(story.Admin, "", http.MethodGet, "/operations/parked-events", nil)
		if err != nil {
			return err
		}
		if err := a.Into(&list); err != nil {
			return err
		}
		if len(list.ParkedEvents) == 0 {
			return nil
		}
		for _, e := range list.ParkedEvents {
			path := "/operations/parked-events/" + e.ID + "/redrive"
			a, err := q.cloud.Call(q.ctx, story.Admin, "", http.MethodPost, path, nil, map[string]any{})
			if err == nil && a.Status/100 == 2 {
				continue
			}
			if _, err := q.ask(story.Admin, "", http.MethodPost, path, map[string]any{"discard": true}); err != nil {
				return err
			}
		}
	}
	q.find("", Stuck, "parked events can be neither handled nor forgotten")
	return nil
}

// endAll has people end every request that somebody had damaged and that is not ended: there is always an exit.
func (q *reckoning) endAll() error {
	for _, c := range q.victims.all() {
		if c.ID == "" {
			continue
		}
		if err := q.end(c); err != nil {
			return err
		}
	}
	return nil
}

var exits = []struct {
	persona, action string
	body            map[string]any
}{
	{story.Manager2, "review", map[string]any{"approval": false, "decisionExplanation": "damaged"}},
	{"", "cancel", nil}, // by who made it
	{story.Owner, "give-up", map[string]any{"reason": "damaged"}},
}

func (q *reckoning) end(c Case) error {
	until := time.Now().Add(30 * time.Second)
	for {
		status, answer, err := q.status(c)
		if err != nil {
			return err
		}
		if slices.Contains(endStatuses, status) {
			return nil
		}
		if time.Now().After(until) {
			q.find(c.ID, Stuck, "it has no exit: it is %q (%s)", status, answer)
			return nil
		}
		for _, exit := range exits {
			persona := exit.persona
			if persona == "" {
				persona = c.Creator
			}
			if _, err := q.cloud.Call(q.ctx, persona, playedIn, http.MethodPost, q.workspace(below(c.ID, "/"+exit.action)), nil, exit.body); err != nil {
				return err
			}
		}
		time.Sleep(300 * time.Millisecond)
	}
}

// endStatuses are those in which nothing happens any more.
var endStatuses = []string{story.Approved, story.Rejected, story.Cancelled, story.BlockedByScan, story.Failed, story.Revoked}

// judgeRegistry: once its rows are put back, the workspace whose rows in force were damaged can be used.
func (q *reckoning) judgeRegistry() error {
	err := q.cloud.Run(q.ctx, story.Story{Name: "a workspace that was damaged", Play: func(p *story.Play) {
		p.As(story.Researcher2).Creates(story.Export).Cancels()
	}}, story.Options{Workspace: victimWorkspace, Within: 30 * time.Second, Patient: true})
	if err != nil {
		q.find("", Stuck, "a workspace whose rows were put back cannot be used: %v", err)
	}
	return nil
}
