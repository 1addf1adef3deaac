package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"example.org/airlock/localcloud/event"
	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// letter is a dead letter as far as anybody reads it: the event with the reason of its death.
type letter struct {
	event.Event
	Reason   string `json:"deadLetterReason"`
	Attempts int    `json:"deliveryAttempts"`
}

// plantLetter puts an event that nobody sent among the dead letters, so that the service parks it and an operator has it
// handled: in a third of the cases a clean verdict about bytes that are in progress. The error is of the storage itself.
func (s *siege) plantLetter(ctx context.Context, dice *rand.Rand) error {
	played := s.weather.stranger(dice)
	if played == nil {
		return nil
	}
	id, direction := played.RequestID(), played.Direction()
	subscription, e := forgery(dice, id, direction, playedIn)
	if dice.IntN(3) == 0 {
		if clean, ok := s.weather.cleanOf(ctx, dice, story.Account(direction, story.InReview, playedIn), id); ok {
			subscription, e = "scanresult-OnScanResult", clean
		}
	}
	body, err := json.Marshal([]letter{{e, "MaxDeliveryAttemptsExceeded", 30}})
	if err != nil {
		return err
	}
	at := time.Now().UTC()
	p := plant{by: keyHolder, container: "dead-letters",
		name: fmt.Sprintf("%s/%d/%d/%d/%d/%s.json", strings.ToUpper(subscription), at.Year(), at.Month(), at.Day(), at.Hour(), event.NewID())}
	done, err := s.cloud.Ground.Plant(ctx, ground.StateAccount, p.container, p.name, body)
	if done {
		s.diary.planted(p)
	}
	return err
}

// harass sends verdicts about a request whose story counts with it: malware that is none, and one that nobody can read. It
// is the harm that a key holder can do to anybody: a request that is held up, or has to be handed in again.
func (s *siege) harass(ctx context.Context, dice *rand.Rand, played *story.Play) error {
	account := story.Account(played.Direction(), story.InReview, playedIn)
	e, ok := s.weather.cleanOf(ctx, dice, account, played.RequestID())
	if !ok {
		return nil
	}
	to := pick(dice, []string{"Malicious", "Who knows"})
	e.Data = json.RawMessage(strings.Replace(string(e.Data), "No threats found", to, 1))
	if err := s.cloud.Forge(ctx, "scanresult-OnScanResult", e); err != nil {
		return err
	}
	s.diary.forgedOne()
	return nil
}

// unscanned waits for a verdict that the scanner never gives. The key holder's own must not do.
func unscanned(p *story.Play, files []story.File, d *drafter) {
	p.As(story.Researcher).Creates(story.Import).UploadsFiles(files...)
	must(p, p.Cloud.Verdict(p.Context(), "none", p.ID))
	d.submits(p.As(story.Researcher))
	waitsForScan(p)
	p.Rests(3 * time.Second)
	p.Holds(p.Now().Status == story.Submitted, "a request that was never scanned is %s", p.Now().Status)
	p.As(story.Owner).GivesUp("nobody scans it")
	p.As(story.Researcher).Cancels() // which deletes the files that a retry would have gone on from
	p.Eventually(story.Cancelled)
}

// unreviewed is in review, and nobody decides.
func unreviewed(p *story.Play, files []story.File, d *drafter) {
	d.submits(p.As(story.Researcher).Creates(story.Export).UploadsFiles(files...))
	p.Eventually(story.InReview)
	p.Rests(3 * time.Second)
	p.Holds(p.Now().Status == story.InReview, "a request that nobody reviewed is %s", p.Now().Status)
	p.As(story.Manager).Rejects("at last")
	p.Eventually(story.Rejected)
}
