package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/airlock/localcloud/ground"
)

// ledger is everything the tables say, sorted by request.
type ledger struct {
	requests map[string]*entry
	outbox   []string // keys of events that were not published
	due      map[string][]time.Time
	heads    map[string]bool // requests whose head waits to be anchored
}

// entry is one request in the tables.
type entry struct {
	workspace string
	document  document
	audit     []auditRow
	index     []string // keys of its index rows
}

// document is the part of a request's row that we need.
type document struct {
	ID        string `json:"id"`
	Workspace string `json:"workspaceId"`
	Type      string `json:"type"`
	Status    string `json:"status"`
	Message   string `json:"statusMessage"`
	CreatedBy struct {
		ID string `json:"id"`
	} `json:"createdBy"`
	Files []struct {
		Name   string `json:"name"`
		Size   int64  `json:"size"`
		SHA256 string `json:"sha256"`
	} `json:"files"`
	Chain struct {
		Hash   string `json:"hash"`
		Length int    `json:"length"`
	} `json:"chain"`
	Work struct {
		Delete []string `json:"delete"`
	} `json:"work"`
	Receipt   string `json:"receipt"`
	Resubmits int    `json:"resubmits"`
}

// container is the name of the container that holds the bytes of a request that has ended, or is in review.
func (d document) container() string {
	if d.Resubmits == 0 {
		return d.ID
	}
	return fmt.Sprintf("%s-%d", d.ID, d.Resubmits+1)
}

// requestOf is the request that a container of that name belongs to.
func requestOf(container string) string {
	const id = len("00000000-0000-4000-8000-000000000000")
	return container[:min(id, len(container))]
}

// auditRow is one audit record as it lies in the table.
type auditRow struct{ seq, body, hash string }

// readLedger reads the requests table but for the rows of some requests, which may hold anything.
func readLedger(ctx context.Context, g *ground.Ground, without map[string]bool) (*ledger, error) {
	rows, err := g.Rows(ctx, ground.RequestsTable, "", "")
	if err != nil {
		return nil, err
	}
	l := &ledger{requests: map[string]*entry{}, due: map[string][]time.Time{}, heads: map[string]bool{}}
	for _, row := range rows {
		if slices.ContainsFunc(strings.Split(row.Key(), "|"), func(part string) bool { return without[part] }) {
			continue
		}
		if err := l.enter(row); err != nil {
			return nil, fmt.Errorf("row %s: %w", row.Key(), err)
		}
	}
	return l, nil
}

func (l *ledger) of(id, workspace string) *entry {
	e := l.requests[id]
	if e == nil {
		e = &entry{workspace: workspace}
		l.requests[id] = e
	}
	return e
}

// enter sorts one row in by the kinds of keys that the state's documentation lists.
func (l *ledger) enter(row ground.Row) error {
	parts := strings.Split(row.Key(), "|")
	last := parts[len(parts)-1]
	switch parts[0] {
	case "r":
		e := l.of(last, row.Partition())
		return json.Unmarshal([]byte(row.Text("Document")), &e.document)
	case "t", "s", "u":
		e := l.of(last, row.Partition())
		e.index = append(e.index, row.Key())
	case "a":
		e := l.of(parts[1], row.Partition())
		hash, _ := row["Hash"].(string)
		e.audit = append(e.audit, auditRow{seq: last, body: row.Text("Body"), hash: hash})
	case "o":
		l.outbox = append(l.outbox, row.Key())
	case "w":
		var nanoseconds int64
		if _, err := fmt.Sscan(strings.TrimLeft(parts[1], "0"), &nanoseconds); err != nil {
			return err
		}
		l.due[last] = append(l.due[last], time.Unix(0, nanoseconds))
	case "h":
		l.heads[last] = true
	case "x": // it is overdue, which its own row says too
	case "v": // a verdict that is not in force: the request's own row has the one that is
	case "n", "m": // a turn that ended, a comment: the trail has their hashes
	case "f": // a hash that a file of the request had
	default:
		return fmt.Errorf("a kind of row that nobody knows")
	}
	return nil
}

// quiet reports the work that is still due, "" for none.
func (l *ledger) quiet(now time.Time) string {
	if len(l.outbox) > 0 {
		return fmt.Sprintf("%d events wait in the outbox", len(l.outbox))
	}
	for id := range l.requests {
		if unrest := l.unrest(id, now); unrest != "" {
			return unrest
		}
	}
	return ""
}

// unrest is the work that is still due for one request that has a row, apart from its events; "" for nothing.
func (l *ledger) unrest(id string, now time.Time) string {
	if len(l.requests[id].document.Work.Delete) > 0 {
		return "request " + id + " has containers to delete"
	}
	for _, at := range l.due[id] {
		if at.Before(now.Add(time.Minute)) {
			return "request " + id + " is due"
		}
	}
	return ""
}
