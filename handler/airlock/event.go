package airlock

import (
	"encoding/json"
	"time"
)

// Topic is one of the custom Event Grid topics the service publishes to.
type Topic string

// The topics.
const (
	TopicStatusChanged Topic = "status_changed"
	TopicNotification  Topic = "notification"
	TopicStepResult    Topic = "step_result"
	TopicDataDeletion  Topic = "data_deletion"
	// TopicGates asks external gates; nothing of the service's own listens.
	TopicGates Topic = "gates"
)

// Topics lists them.
func Topics() []Topic {
	return []Topic{TopicStatusChanged, TopicNotification, TopicStepResult, TopicDataDeletion, TopicGates}
}

// Event types and versions of the existing contract; consumers depend on them.
const (
	EventStatusChanged = "statusChanged"
	EventNotification  = "airlockNotification"
	EventStepResult    = "Airlock.StepResult"
	EventDataDeletion  = "Airlock.DataDeletion"
	EventGateRequested = "Airlock.GateRequested"
	// EventCanary tries a topic; no subscription of ours asks for it.
	EventCanary = "Airlock.Canary"
)

// Event is one outgoing event. Its ID is made with the decision it belongs to
// and never changes, so that consumers can drop repeats.
type Event struct {
	ID          string          `json:"id"`
	Topic       Topic           `json:"topic"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject"`
	DataVersion string          `json:"dataVersion"`
	Time        time.Time       `json:"time"`
	Data        json.RawMessage `json:"data"`
	Request     RequestID       `json:"request"`
	Workspace   WorkspaceID     `json:"workspace"`
	// Key is the store's name for the outbox row; empty until it is stored.
	Key string `json:"-"`
}

// CanaryEvent is an event about no request. As an EventStepResult it comes back to
// the service, which tells it by its subject.
func CanaryEvent(topic Topic, kind, id string, at time.Time) Event {
	return Event{ID: id, Topic: topic, Type: kind, Subject: CanarySubject, DataVersion: "1.0", Time: at.UTC(), Data: json.RawMessage(`{}`)}
}

// CanarySubject is the subject of canary events.
const CanarySubject = "canary"

// The kinds of notices that are neither a status nor "overdue".
const (
	NoticeMalwareFound    = "malware_found"    // where no gate stops it
	NoticeDraftExpiring   = "draft_expiring"   // a draft, or a returned request, expires soon
	NoticeDisagreement    = "disagreement"     // independent reviewers differ, and discuss now
	NoticeThirdReviewer   = "third_reviewer"   // independent reviewers differ, and one more has to decide
	NoticeClaimExpired    = "claim_expired"    // a reviewer's claim has ended by itself
	NoticeComment         = "comment"          // for everybody who has a part in the request
	NoticeReviewerComment = "reviewer_comment" // for reviewers only
)

// Notices lists them.
func Notices() []string {
	return []string{NoticeMalwareFound, NoticeDraftExpiring, NoticeDisagreement, NoticeThirdReviewer, NoticeClaimExpired, NoticeComment, NoticeReviewerComment}
}

// Notice is a decision's message to people in the outbox: the request as
// it was then. The published event is made from it.
type Notice struct {
	// Kind is the status reached, "overdue" or one of the notices above.
	Kind    string  `json:"kind"`
	Request Request `json:"request"`
}
