package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/identity"
	"example.org/airlock/localcloud/story"
)

// inquest looks at the tables and accounts when everything is over.
type inquest struct {
	ctx        context.Context
	cloud      *story.Cloud
	ledger     *ledger
	containers map[string][]string // by container: the accounts that have one of that name
	events     map[string]map[step]map[string]bool
	others     map[string]bool // requests that are not judged
	findings   []Finding

	findingsKept []string // names of the items in findingsContainer, read when they are needed
}

// Inquest waits until the cloud has nothing more to do, at most for limit, and then judges every case by what lies in
// storage. Remains of other requests are left out. The error means that it could not be held.
func Inquest(ctx context.Context, c *story.Cloud, cases []Case, limit time.Duration, others ...Case) ([]Finding, error) {
	q := &inquest{ctx: ctx, cloud: c, containers: map[string][]string{}, events: map[string]map[step]map[string]bool{}, others: map[string]bool{}}
	for _, one := range others {
		q.others[one.ID] = true
	}
	unrest, err := q.settle(limit)
	if err != nil {
		return nil, err
	}
	if unrest != "" {
		q.findings = append(q.findings, Finding{What: "stuck: " + unrest})
	}
	if err := q.gather(); err != nil {
		return nil, err
	}
	for _, one := range cases {
		if one.ID == "" {
			continue // its story did not get as far as a request
		}
		if err := q.judge(one); err != nil {
			return nil, err
		}
	}
	for id, accounts := range q.containers {
		if id := requestOf(id); q.ledger.requests[id] == nil && !q.others[id] {
			q.find(Case{ID: id}, Wrong, "containers that are no request's lie in %v", accounts)
		}
	}
	return q.findings, nil
}

func (q *inquest) find(c Case, kind Kind, format string, args ...any) {
	q.findings = append(q.findings, Finding{Case: c, What: string(kind) + ": " + fmt.Sprintf(format, args...)})
}

// settle waits for rest. A table is read page by page while others may still write, so what was read counts only if all
// was at rest before as well.
func (q *inquest) settle(limit time.Duration) (unrest string, err error) {
	until := time.Now().Add(limit)
	before := "nothing was read"
	for {
		if q.ledger, err = readLedger(q.ctx, q.cloud.Ground, q.others); err != nil {
			return "", err
		}
		unrest = q.ledger.quiet(time.Now())
		if unrest == "" && before == "" || unrest != "" && time.Now().After(until) {
			return unrest, nil
		}
		before = unrest
		select {
		case <-q.ctx.Done():
			return "", q.ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// gather lists all containers and all statusChanged events.
func (q *inquest) gather() error {
	for _, account := range q.cloud.Ground.Accounts() {
		names, err := q.cloud.Ground.Containers(q.ctx, account)
		if err != nil {
			return err
		}
		for _, name := range names {
			q.containers[name] = append(q.containers[name], account)
		}
	}
	published, err := q.cloud.Published(q.ctx, "/statusChanged")
	if err != nil {
		return err
	}
	for _, e := range published {
		var data struct {
			RequestID      string  `json:"request_id"`
			NewStatus      string  `json:"new_status"`
			PreviousStatus *string `json:"previous_status"`
		}
		if err := json.Unmarshal(e.Data, &data); err != nil {
			return fmt.Errorf("event %s: %w", e.ID, err)
		}
		s := step{to: data.NewStatus}
		if data.PreviousStatus != nil {
			s.from = *data.PreviousStatus
		}
		if q.events[data.RequestID] == nil {
			q.events[data.RequestID] = map[step]map[string]bool{}
		}
		if q.events[data.RequestID][s] == nil {
			q.events[data.RequestID][s] = map[string]bool{}
		}
		q.events[data.RequestID][s][e.ID] = true
	}
	return nil
}

// judge compares one case with the tables and accounts.
func (q *inquest) judge(c Case) error {
	e := q.ledger.requests[c.ID]
	if e == nil || e.document.ID == "" {
		q.find(c, Lost, "there is no request in the table")
		return nil
	}
	if !slices.Contains(c.Want, e.document.Status) {
		kind := Wrong
		if !slices.Contains([]string{"approved", "rejected", "cancelled", "blocked_by_scan", "failed", "revoked"}, e.document.Status) {
			kind = Stuck
		}
		q.find(c, kind, "it ended in %s (%s) instead of %s", e.document.Status, e.document.Message, strings.Join(c.Want, " or "))
	}
	records, problems := e.chain(c.ID)
	steps, more := e.walk(records)
	for _, problem := range append(problems, more...) {
		q.find(c, Wrong, "%s", problem)
	}
	approved, more := judgeGates(records)
	for _, problem := range more {
		q.find(c, Wrong, "%s", problem)
	}
	if err := q.judgeFindings(c, records, approved); err != nil {
		return err
	}
	q.judgeEvents(c, steps)
	q.judgeIndex(c, e)
	if err := q.judgeReceipt(c, e); err != nil {
		return err
	}
	return q.judgeBytes(c, e)
}

// judgeEvents: every step was told to the world, as one event (however often it was sent).
func (q *inquest) judgeEvents(c Case, steps []step) {
	taken := map[step]int{}
	for _, s := range steps {
		taken[s]++
	}
	for s, n := range taken {
		if told := len(q.events[c.ID][s]); told < n {
			q.find(c, Lost, "the step %q to %q was taken %d times and published %d times", s.from, s.to, n, told)
		} else if told > n {
			q.find(c, Wrong, "the step %q to %q was taken %d times and published as %d different events", s.from, s.to, n, told)
		}
	}
	for s := range q.events[c.ID] {
		if taken[s] == 0 {
			q.find(c, Wrong, "an event tells of a step %q to %q that was never taken", s.from, s.to)
		}
	}
}

// judgeIndex: the request is listed once in each index, under its present status, and is not due any more.
func (q *inquest) judgeIndex(c Case, e *entry) {
	count := map[string]int{}
	for _, key := range e.index {
		kind, rest, _ := strings.Cut(key, "|")
		if kind == "s" {
			if status, _, _ := strings.Cut(rest, "|"); status != e.document.Status {
				q.find(c, Wrong, "it is %s and listed as %s", e.document.Status, status)
			}
		}
		count[kind]++
	}
	for _, kind := range []string{"t", "s", "u"} {
		if count[kind] != 1 {
			q.find(c, Wrong, "it has %d index rows of kind %s", count[kind], kind)
		}
	}
	if n := len(q.ledger.due[c.ID]); n > 1 {
		q.find(c, Wrong, "it is due %d times", n)
	}
	creator, err := identity.FindPersona(c.Creator)
	if err == nil && e.document.CreatedBy.ID != creator.ObjectID {
		q.find(c, Wrong, "it was created by %s, says its row", e.document.CreatedBy.ID)
	}
}

// judgeReceipt: an approved request, or a once approved one, has its receipt.
func (q *inquest) judgeReceipt(c Case, e *entry) error {
	if e.document.Status != story.Approved {
		return nil
	}
	if e.document.Receipt == "" {
		q.find(c, Lost, "it is approved and has no receipt")
		return nil
	}
	blobs, _, err := q.cloud.Ground.Blobs(q.ctx, ground.EvidenceAccount, "receipts")
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(blobs, func(b ground.Blob) bool { return b.Name == e.document.Receipt }) {
		q.find(c, Lost, "its receipt %q is not stored", e.document.Receipt)
	}
	return nil
}

// judgeBytes: the uploaded bytes are where the status says, all of them and nothing else, and nowhere else is a container.
func (q *inquest) judgeBytes(c Case, e *entry) error {
	want := story.Account(c.Direction, e.document.Status, c.Workspace)
	container := e.document.container()
	for name, accounts := range q.containers {
		for _, account := range accounts {
			if requestOf(name) == c.ID && (account != want || name != container) {
				q.find(c, Wrong, "it is %s and the container %s is left in %s", e.document.Status, name, account)
			}
		}
	}
	if want == "" {
		return nil
	}
	if !slices.Contains(q.containers[container], want) {
		q.find(c, Lost, "it is %s and there is no container in %s", e.document.Status, want)
		return nil
	}
	blobs, _, err := q.cloud.Ground.Blobs(q.ctx, want, container)
	if err != nil {
		return err
	}
	left := map[string]bool{}
	for _, b := range blobs {
		left[b.Name] = true
		if along := story.BroughtAlong(b); along != "" && e.document.Status != story.Draft {
			q.find(c, Wrong, "a file in %s has brought along what its uploader said of it: %s", want, along)
		}
	}
	for _, f := range c.Files {
		if !left[f.Name] {
			q.find(c, Lost, "a file is missing in %s", want)
			continue
		}
		delete(left, f.Name)
		sum, err := q.cloud.Ground.SHA256(q.ctx, want, container, f.Name)
		if err != nil {
			return err
		}
		if sum != f.SHA256() {
			q.find(c, Wrong, "a file in %s has other bytes than were uploaded", want)
		}
	}
	if len(left) > 0 {
		q.find(c, Wrong, "%d files in %s were never uploaded", len(left), want)
	}
	return nil
}
