package story_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"example.org/airlock/localcloud/ground"
	. "example.org/airlock/localcloud/story"
)

// ready is the one function that is kept ready by default (flex.always_ready of infra/core) and matters here: nothing but
// its event brings a verdict in time.
const ready = "function:OnScanResult"

// A plan that scales to zero answers the first webhook call of each function with 401. Event Grid waits for minutes then;
// the request does not.
func TestARequestThatFindsTheFunctionsCold(t *testing.T) {
	play(t, func(p *Play) {
		idle := func() { p.Holds(p.Cloud.Idle(p.Context(), ready) == nil, "the host cannot be made idle") }
		p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		idle()
		p.As(Researcher).Submits()
		p.Eventually(InReview)
		idle()
		p.As(Manager).Approves("cold as ice")
		p.Eventually(Approved)
		p.BytesLieWhereTheyBelong().OldDraftLinkIsDead().TrailVerifies()
	})
}

// The notice of a new dead letter is a webhook too, and one without dead letters of its own: refused once, it is gone. The
// letter is found all the same, its event is parked, and the letter is removed.
func TestADeadLetterIsFoundWithoutItsEvent(t *testing.T) {
	play(t, func(p *Play) {
		ctx := p.Context()
		before, err := p.Cloud.GridStats(ctx)
		p.Holds(err == nil, "no counts: %v", err)
		p.Holds(p.Cloud.BreakMail(ctx, http.StatusBadRequest, 1) == nil, "the mailer does not break")
		p.After(func() { p.Holds(p.Cloud.BreakMail(ctx, 0, 0) == nil, "the mailer is not mended") })
		p.Holds(p.Cloud.Idle(ctx, ready) == nil, "the host cannot be made idle")
		p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.Until(func() string { return parkedNotification(p) })
		p.Until(func() string {
			letters, _, err := p.Cloud.Ground.Blobs(ctx, ground.StateAccount, "dead-letters")
			if err != nil || len(letters) > 0 {
				return fmt.Sprintf("%d dead letters are left, %v", len(letters), err)
			}
			return ""
		})
		after, err := p.Cloud.GridStats(ctx)
		p.Holds(err == nil, "no counts: %v", err)
		const notices = "dead-letters"
		p.Holds(after.Subscriptions[notices].Dropped > before.Subscriptions[notices].Dropped, "no notice was lost, so nothing is shown")
		p.Holds(after.Subscriptions[notices].Delivered == before.Subscriptions[notices].Delivered, "a notice arrived, so nothing is shown")
		p.As(Researcher).Cancels()
		p.TrailVerifies()
	})
}

// parkedNotification says what is missing until a notification of the request in play is parked.
func parkedNotification(p *Play) string {
	answer, err := p.Cloud.Call(p.Context(), Admin, "", http.MethodGet, "/operations/parked-events", nil, nil)
	if err != nil || answer.Status != http.StatusOK {
		return fmt.Sprintf("no parked events: %v %v", answer.Status, err)
	}
	var list struct {
		ParkedEvents []struct{ Function, Reason, Event any }
	}
	if err := answer.Into(&list); err != nil {
		return err.Error()
	}
	for _, e := range list.ParkedEvents {
		if e.Function == "notification" && strings.Contains(fmt.Sprint(e.Event), p.ID) {
			return ""
		}
	}
	return "the notification is not parked"
}
