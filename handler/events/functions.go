package events

import (
	"context"
	"strings"

	"example.org/airlock/handler/airlock"
)

// Event types that are not ours.
const (
	eventBlobCreated  = "Microsoft.Storage.BlobCreated"
	eventScanResult   = "Microsoft.Security.MalwareScanningResult"
	eventNotification = airlock.EventNotification
)

// notifier stands where a function's name would for events of the mailer's
// topic, which no function of ours takes.
const notifier = "notification"

// function is one Event Grid trigger: it takes exactly one event type.
type function struct {
	name      string // folder in functions/ and path of its calls
	eventType string
	handle    func(context.Context, Service, event) error
}

var functions = []function{
	{"OnStatusChanged", airlock.EventStatusChanged, onStatusChanged},
	{"OnBlobCreated", eventBlobCreated, onBlobCreated},
	{"OnScanResult", eventScanResult, onScanResult},
	{"OnStepResult", airlock.EventStepResult, onStepResult},
	{"OnDataDeletion", airlock.EventDataDeletion, onDataDeletion},
}

// Names lists the functions served, for the check against functions/.
func Names() []string {
	names := []string{}
	for _, f := range functions {
		names = append(names, f.name)
	}
	return append(names, "OnDeadLetter", "Reconcile")
}

// functionFor returns the function that takes an event type.
func functionFor(eventType string) (function, bool) {
	for _, f := range functions {
		if strings.EqualFold(f.eventType, eventType) {
			return f, true
		}
	}
	return function{}, false
}
