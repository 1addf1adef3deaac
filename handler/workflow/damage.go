package workflow

import (
	"context"
	"errors"
	"iter"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/logging"
)

// walk hands the rows of a listing to use. It passes over a row that nobody can
// read, so that one damaged row cannot stop the work on all others. It returns the
// number of such rows and raises it as an alert. The error is of a call that failed,
// which ends a listing.
func walk[T any](ctx context.Context, s *Service, ws airlock.WorkspaceID, rows iter.Seq2[T, error], use func(T)) (damaged int, err error) {
	var first error
	for row, fault := range rows {
		switch {
		case fault == nil:
			use(row)
		case unreadable(fault):
			if damaged++; first == nil {
				first = fault
			}
		default:
			err = errors.Join(err, fault)
		}
	}
	if first != nil {
		s.damaged(ctx, "rows cannot be read", "workspace", ws, "rows", damaged, "first", first.Error())
	}
	return damaged, err
}

// damaged raises the alarm over state that this service cannot have written.
func (s *Service) damaged(ctx context.Context, what string, about ...any) {
	s.config.Log.With(about...).ErrorContext(ctx, what, "alert", logging.StateDamaged)
}
