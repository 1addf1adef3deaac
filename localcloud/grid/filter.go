package grid

import (
	"slices"
	"strings"

	"example.org/airlock/localcloud/event"
)

// wants says whether the subscription's filters let the event through.
func (s Subscription) wants(e event.Event) bool {
	if len(s.EventTypes) > 0 && !slices.ContainsFunc(s.EventTypes, func(t string) bool { return strings.EqualFold(t, e.EventType) }) {
		return false
	}
	subject := strings.ToLower(e.Subject)
	begins := func(beginning string) bool { return strings.HasPrefix(subject, strings.ToLower(beginning)) }
	if len(s.SubjectBeginsWithAny) > 0 && !slices.ContainsFunc(s.SubjectBeginsWithAny, begins) {
		return false
	}
	return strings.HasPrefix(subject, strings.ToLower(s.SubjectBeginsWith)) &&
		strings.HasSuffix(subject, strings.ToLower(s.SubjectEndsWith))
}
