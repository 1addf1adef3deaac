package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/workflow"
)

// NoInput is the input of routes that need nothing but may get a body.
type NoInput struct{ Body *EmptyBody }

// ReconcileAnswer is the answer of RunReconcile.
type ReconcileAnswer struct{ Body ReconcileReport }

// ReconcileReport says what was done.
type ReconcileReport struct {
	Reconcile workflow.Report      `json:"reconcile"`
	Sweep     workflow.SweepReport `json:"sweep"`
}

func (a *API) reconcile(ctx context.Context, c *call, _ *NoInput) (*ReconcileAnswer, error) {
	report, sweep, err := a.config.Operations.RunReconcile(ctx, c.principal)
	if err != nil {
		return nil, err
	}
	return &ReconcileAnswer{Body: ReconcileReport{Reconcile: report, Sweep: sweep}}, nil
}

// SealInput is the input of SealRows.
type SealInput struct{ Body *SealOptions }

// SealOptions say which rows to seal.
type SealOptions struct {
	Unanchored bool `json:"unanchored,omitempty" doc:"Also seal requests whose trail is whole but ends in a head that no anchor has: your word for them is on record."`
}

// SealAnswer is the answer of SealRows.
type SealAnswer struct{ Body workflow.SealReport }

func (a *API) seal(ctx context.Context, c *call, in *SealInput) (*SealAnswer, error) {
	report, err := a.config.Operations.SealRows(ctx, c.principal, in.Body != nil && in.Body.Unanchored)
	if err != nil {
		return nil, err
	}
	return &SealAnswer{Body: report}, nil
}

// ParkedAnswer is the answer of ListParkedEvents.
type ParkedAnswer struct{ Body ParkedEvents }

// ParkedEvents are the newest events that could not be handled, newest first.
// Each that is redriven or discarded makes room for an older one.
type ParkedEvents struct {
	ParkedEvents []ParkedEvent `json:"parkedEvents" nullable:"false" doc:"The newest hundred, newest first."`
}

// ParkedEvent is one event that could not be handled.
type ParkedEvent struct {
	ID       string    `json:"id"`
	Function string    `json:"function" doc:"The function it was for."`
	Reason   string    `json:"reason"`
	At       time.Time `json:"at"`
	// RequestID names the request that is on hold because of the event.
	RequestID string          `json:"requestId,omitempty" doc:"The request whose release waits until somebody has looked at this scan result and redriven or discarded it."`
	Event     json.RawMessage `json:"event" doc:"As delivered; null if it is not JSON or cannot be read."`
}

func (a *API) parked(ctx context.Context, c *call, _ *struct{}) (*ParkedAnswer, error) {
	all, err := a.config.Operations.ListParked(ctx, c.principal)
	if err != nil {
		return nil, err
	}
	out := &ParkedAnswer{Body: ParkedEvents{ParkedEvents: []ParkedEvent{}}}
	for _, p := range all {
		e := ParkedEvent{ID: p.ID, Function: p.Function, Reason: p.Reason, At: p.At.UTC(), Event: asJSON(p.Event)}
		if p.Concerns != nil {
			e.RequestID = string(p.Concerns.Name.Request())
		}
		out.Body.ParkedEvents = append(out.Body.ParkedEvents, e)
	}
	return out, nil
}

// RedriveInput is the input of RedriveParkedEvent.
type RedriveInput struct {
	EventID string `path:"event_id" format:"uuid" doc:"id of the parked event."`
	Body    *RedriveOptions
}

// RedriveOptions say what to do with an event that cannot be handled.
type RedriveOptions struct {
	Discard bool `json:"discard,omitempty" doc:"Forget the event instead of handling it."`
}

// RedriveAnswer is the answer of RedriveParkedEvent.
type RedriveAnswer struct{ Body Redriven }

// Redriven names the event that was handled and is not parked any more.
type Redriven struct {
	ID string `json:"id"`
}

func (a *API) redrive(ctx context.Context, c *call, in *RedriveInput) (*RedriveAnswer, error) {
	err := a.config.Redrive(ctx, c.principal, in.EventID, in.Body != nil && in.Body.Discard)
	if errors.Is(err, airlock.ErrNotFound) {
		err = &edgeError{code: codeNoEvent}
	}
	if err != nil {
		return nil, err
	}
	return &RedriveAnswer{Body: Redriven{ID: in.EventID}}, nil
}

// HealthAnswer is the answer of GetHealth.
type HealthAnswer struct {
	Status int
	Body   HealthReport
}

// HealthReport is open to monitors without a token: nothing of anybody's
// requests, no name of a person or a file.
type HealthReport struct {
	Status                   string          `json:"status" enum:"ok,degraded,unavailable" doc:"unavailable: the state store cannot be reached. degraded: something below asks for attention."`
	Build                    Build           `json:"build"`
	Storage                  string          `json:"storage" enum:"reachable,unreachable"`
	OldestUnpublishedSeconds int64           `json:"oldestUnpublishedSeconds" doc:"Age of the oldest event that was not published yet."`
	OverdueRequests          int             `json:"overdueRequests" doc:"Requests past the deadline of their status."`
	ParkedEvents             int             `json:"parkedEvents" doc:"Events that could not be handled and wait for an operator; counted up to 1000."`
	Services                 []ServiceHealth `json:"services" nullable:"false" doc:"The same in the form that AzureTRE's UI and command line show."`
	ScanSilent               int             `json:"scanSilent" doc:"In-progress accounts that the malware scanner owes verdicts for, as far as this instance has noticed."`
	UnclaimedContainers      int             `json:"unclaimedContainers" doc:"Containers in stage accounts that no request claims, as this instance's last sweep found; counted up to 1000."`
	DamagedRows              int             `json:"damagedRows" doc:"Rows of the state that are not as the service wrote them, as far as this instance has noticed in the last day. Nothing is done about what they say."`
}

// ServiceHealth is the health of one part.
type ServiceHealth struct {
	Service string `json:"service"`
	Status  string `json:"status" enum:"OK,Not OK"`
	Message string `json:"message"`
}

func serviceHealth(service string, ok bool, message string) ServiceHealth {
	if ok {
		return ServiceHealth{Service: service, Status: "OK"}
	}
	return ServiceHealth{Service: service, Status: "Not OK", Message: message}
}

// unpublishedTooLong is the age of an unpublished event that operators should
// look at: the reconciler has passed several times by then.
const unpublishedTooLong = 5 * time.Minute

func (a *API) health(ctx context.Context, _ *call, _ *struct{}) (*HealthAnswer, error) {
	h := a.config.Operations.Health(ctx)
	out := &HealthAnswer{Status: http.StatusOK, Body: HealthReport{Status: "ok", Build: a.config.Build, Storage: "reachable",
		OldestUnpublishedSeconds: int64(h.OldestUnpublished.Seconds()), OverdueRequests: h.Overdue, ParkedEvents: h.Parked,
		ScanSilent: h.ScanSilent, DamagedRows: h.Damaged, UnclaimedContainers: h.Unclaimed}}
	delayed := h.OldestUnpublished > unpublishedTooLong
	out.Body.Services = []ServiceHealth{
		serviceHealth("State store", h.StorageReachable, "The state store cannot be reached."),
		serviceHealth("Event Grid", !delayed && h.Parked == 0, "Events are not published in time, or some could not be handled."),
		serviceHealth("Malware scanner", h.ScanSilent == 0, "The malware scanner owes verdicts."),
		serviceHealth("Stage accounts", h.Unclaimed == 0, "Containers are there that no request claims; an operator has to look."),
		serviceHealth("Airlock state", h.Damaged == 0, "Somebody else has changed rows of the state; an operator has to look."),
		serviceHealth("Airlock requests", h.Overdue == 0, "Some requests are past the deadline of their status."),
	}
	switch {
	case !h.StorageReachable:
		out.Status, out.Body.Status, out.Body.Storage = http.StatusServiceUnavailable, "unavailable", "unreachable"
	case delayed || h.Overdue > 0 || h.Parked > 0 || h.ScanSilent > 0 || h.Damaged > 0 || h.Unclaimed > 0:
		out.Body.Status = "degraded"
	}
	return out, nil
}

func (a *API) openapi(context.Context, *call, *struct{}) (*RawAnswer, error) {
	return &RawAnswer{ContentType: "application/json", Body: a.document()}, nil
}
