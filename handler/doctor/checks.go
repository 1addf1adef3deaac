package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"example.org/airlock/handler/airlock"
)

// Roles, as infra/README.md gives them.
const (
	roleTables   = "Airlock: table_rows on the table"
	roleEvidence = "Airlock: evidence on the evidence account"
	roleInspect  = "Airlock: inspections on the container inspect"
	roleTopic    = "EventGrid Data Sender on the topic"
	roleStage    = "Storage Blob Data Contributor on the account"
	roleSign     = "the role to get delegation keys (Storage Blob Delegator) on the account"
	roleTags     = "Airlock: scan_tags on the account"
	roleKeys     = "Airlock: signer on the key"
)

func (e *examination) state(ctx context.Context) {
	for _, table := range e.config.Tables.Names() {
		e.try(ctx, "state", table, "can be read", roleTables, func(ctx context.Context) error { return e.config.Tables.TryRead(ctx, table) })
		e.try(ctx, "state", table, "can be written", roleTables, func(ctx context.Context) error { return e.config.Tables.TryWrite(ctx, table) })
	}
}

func (e *examination) evidence(ctx context.Context) {
	for _, container := range e.config.EvidenceContainers {
		e.try(ctx, "evidence", container, "can be read and appended to", roleEvidence, func(ctx context.Context) error { return e.config.Evidence.TryEvidence(ctx, container) })
	}
}

func (e *examination) inspections(ctx context.Context) {
	e.try(ctx, "inspection", "inspect", "can be read and written", roleInspect, e.config.Inspections.Try)
}

// topics publishes an event that no subscription of ours asks for.
func (e *examination) topics(ctx context.Context) {
	for _, topic := range airlock.Topics() {
		e.try(ctx, "topic", string(topic), "can be sent events", roleTopic, func(ctx context.Context) error {
			return e.config.Topics.Publish(ctx, topic, []airlock.Event{airlock.CanaryEvent(topic, airlock.EventCanary, uuid.NewString(), e.config.Now())})
		})
	}
}

func (e *examination) keys(ctx context.Context) {
	for name, key := range e.config.Keys {
		e.try(ctx, "key", name, "can be used", roleKeys, key.Try)
	}
}

func (e *examination) issuer(ctx context.Context) {
	e.try(ctx, "issuer", "token issuer", "can be asked for its keys", "", e.config.Issuer.Try)
}

// canary sends an event on the way that all others take, and waits for it.
func (e *examination) canary(ctx context.Context) {
	const check, about = "events", "event that comes back"
	e.running.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, e.config.Patience)
		defer cancel()
		sent := airlock.CanaryEvent(airlock.TopicStepResult, airlock.EventStepResult, uuid.NewString(), e.config.Now())
		defer func() { _ = e.config.Canary.Forget(context.WithoutCancel(ctx), sent.ID) }() // a failure leaves one small row
		err := e.config.Canary.Sent(ctx, sent.ID)
		if err == nil {
			err = e.config.Topics.Publish(ctx, airlock.TopicStepResult, []airlock.Event{sent})
		}
		if err != nil {
			e.found(Finding{Check: check, About: about, State: CannotTell, Says: "It could not be sent.", Fix: "Mend the topic and the state account first."})
			return
		}
		for begin := e.config.Now(); ; {
			if back, err := e.config.Canary.Returned(ctx, sent.ID); err == nil && back {
				e.found(Finding{Check: check, About: about, State: OK, Says: fmt.Sprintf("It came back after %s.", e.config.Now().Sub(begin).Round(time.Millisecond))})
				return
			}
			select {
			case <-time.After(200 * time.Millisecond):
			case <-ctx.Done():
				e.found(Finding{Check: check, About: about, State: Wrong, Says: "An event was published and did not come back.",
					Fix: "Check the topic's subscription to OnStepResult and its key. After idle time the first delivery may take minutes: examine again."})
				return
			}
		}
	})
}

// work is about what waits for somebody.
func (e *examination) work(ctx context.Context) {
	const check = "work"
	e.running.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, e.config.Within)
		defer cancel()
		b, err := e.config.Work.Backlog(ctx)
		if err != nil {
			e.found(Finding{Check: check, About: "backlog", State: CannotTell, Says: "The state store does not tell.", Fix: "Mend the state account first."})
			return
		}
		const late = 5 * time.Minute
		count := func(about string, n int, says, fix string) {
			f := Finding{Check: check, About: about, State: OK, Says: "None."}
			if n > 0 {
				f.State, f.Says, f.Fix = Wrong, fmt.Sprintf(says, n), fix
			}
			e.found(f)
		}
		unpublished := 0
		if b.OldestUnpublished > late {
			unpublished = int(b.OldestUnpublished.Minutes())
		}
		count("unpublished events", unpublished, "The oldest has waited for %d minutes.", "Check that the timer Reconcile runs, and the topics.")
		count("overdue requests", b.Overdue, "%d are past the deadline of their status.", "Ask for them with GET /api/workspaces/{id}/requests; the status message of each says who has to act.")
		count("parked events", b.Parked, "%d could not be handled.", "See GET /api/operations/parked-events and the RUNBOOK, parked_event.")
		count("silent scanners", b.ScanSilent, "%d in-progress accounts owe verdicts.", "See the RUNBOOK, scan_silent: Defender's setting, its Event Grid topic, trusted services.")
	})
}

// deadLetters looks for letters that several runs of the reconciler have left.
func (e *examination) deadLetters(ctx context.Context) {
	const check, about, unseen = "work", "dead letters", 15 * time.Minute
	e.check(ctx, check, about, func(ctx context.Context) Finding {
		n := 0
		for _, err := range e.config.DeadLetters.Names(ctx, e.config.Now().Add(-unseen)) {
			if err != nil {
				return of(check, about, "can be listed", "Airlock: dead_letters on the container", err)
			}
			n++
		}
		if n > 0 {
			return Finding{Check: check, About: about, State: Wrong, Says: fmt.Sprintf("%d have waited for a quarter of an hour.", n),
				Fix: "Check that the timer Reconcile runs; see the RUNBOOK, events_dead_lettered."}
		}
		return Finding{Check: check, About: about, State: OK, Says: "None waits."}
	})
}

// clock holds our clock against storage's: signatures and deadlines need both.
func (e *examination) clock(ctx context.Context) {
	const most = 10 * time.Second
	account := e.config.Accounts[airlock.ImportExternal]
	e.check(ctx, "clock", "this app's clock", func(ctx context.Context) Finding {
		f := Finding{Check: "clock", About: "this app's clock", State: OK}
		theirs, err := e.config.Blobs.Clock(ctx, account)
		if err != nil {
			f.State, f.Says, f.Fix = CannotTell, "Storage does not tell its time.", "Mend account "+account+" first."
			return f
		}
		off := e.config.Now().Sub(theirs).Abs()
		f.Says = fmt.Sprintf("It is within %s of storage's.", off.Truncate(time.Second)+time.Second)
		if off > most {
			f.State, f.Says, f.Fix = Wrong, fmt.Sprintf("It is %s off storage's.", off.Round(time.Second)), "Restart the app; if it stays, open a support case."
		}
		return f
	})
}
