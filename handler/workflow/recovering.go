package workflow

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// recovering runs f and makes an error of a panic: where many things are looked
// after, the one with the bug must not keep the others from it.
func (s *Service) recovering(ctx context.Context, what string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.config.Log.ErrorContext(ctx, "panic", "in", what, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errors.New("workflow: panic in " + what)
		}
	}()
	return f()
}
