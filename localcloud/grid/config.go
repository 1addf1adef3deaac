// Package grid stands in for Azure Event Grid: custom topics that the handler
// publishes to, system topics that the other stand-ins emit on, subscriptions
// with filters, the validation handshake, parallel delivery at least once in no
// promised order, the retry schedule and dead letters. On demand it drops,
// doubles, delays and reorders, so that tests can show that none of it matters.
//
// Behaviour follows learn.microsoft.com/azure/event-grid/delivery-and-retry.
package grid

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Config says which subscriptions exist and where undelivered events go.
type Config struct {
	Subscriptions []Subscription

	// StateFile keeps undelivered events over a clean restart; empty keeps none.
	StateFile string

	// Speed divides every wait of the retry schedule and the time to live; 0 means 1.
	Speed float64

	// AnswerLimit is how long an endpoint may take to answer; 0 means Event
	// Grid's 30 s. It is not divided by Speed, since the handler's work isn't.
	AnswerLimit time.Duration

	// DeadLetter writes one dead-letter blob; nil drops such events. An error
	// is tried again.
	DeadLetter func(ctx context.Context, blobName string, body []byte) error

	// Authorize refuses a publish without a proper token; nil lets all pass.
	Authorize func(*http.Request) error

	Log *slog.Logger
}

// Subscription delivers a topic's matching events to one endpoint.
type Subscription struct {
	Name  string
	Topic string // short name of a custom topic, or a storage account's name

	// EventTypes that match; none means all.
	EventTypes []string
	// Subject filters ignore case, as Event Grid's do by default.
	SubjectBeginsWith, SubjectEndsWith string
	// SubjectBeginsWithAny is an advanced filter of the subject, StringBeginsWith; none means all.
	SubjectBeginsWithAny []string

	Endpoint string // URL
	// AzureFunction says that the subscription uses the Azure Function endpoint
	// type, which forgives 401 and 403 where a plain webhook's event is lost.
	AzureFunction bool
	// NoDeadLetters says that the subscription has no dead-letter destination: an
	// event that is given up is gone.
	NoDeadLetters bool

	MaxAttempts int           // 1 to 30; 0 means 30
	TTL         time.Duration // 1 min to 24 h; 0 means 24 h
}

// defaults are Event Grid's own (functions, logic apps and webhooks alike).
const (
	defaultMaxAttempts = 30
	defaultTTL         = 24 * time.Hour
	defaultAnswerLimit = 30 * time.Second
)

func (c Config) withDefaults() Config {
	if c.Speed <= 0 {
		c.Speed = 1
	}
	if c.AnswerLimit <= 0 {
		c.AnswerLimit = defaultAnswerLimit
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

func (s Subscription) withDefaults() Subscription {
	if s.MaxAttempts <= 0 {
		s.MaxAttempts = defaultMaxAttempts
	}
	if s.TTL <= 0 {
		s.TTL = defaultTTL
	}
	return s
}
