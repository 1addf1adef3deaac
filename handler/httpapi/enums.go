package httpapi

import (
	"github.com/danielgtaylor/huma/v2"

	"example.org/airlock/handler/airlock"
)

// Types of members and parameters whose values come from the rule book: the document
// and the validation have the lists of package airlock.

// Status is a request's status.
type Status string

// Schema lists the statuses.
func (Status) Schema(huma.Registry) *huma.Schema { return enumOf(airlock.Statuses()) }

// UserAction is an action that a caller may be offered on a request.
type UserAction string

// Schema lists the actions.
func (UserAction) Schema(huma.Registry) *huma.Schema { return enumOf(airlock.OfferedActions()) }

func enumOf[T ~string](values []T) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
	s.PrecomputeMessages()
	return s
}
