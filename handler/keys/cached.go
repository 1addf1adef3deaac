package keys

import (
	"context"
	"time"
)

// freshFor is how long a rotated key may go unnoticed.
const freshFor = time.Hour

// cached keeps what a vault said. One caller at a time asks; what is known stays
// in use when asking again fails, so that a vault that is away stops nothing.
type cached[T any] struct {
	turn  chan struct{}
	known *T
	asked time.Time
}

func newCached[T any]() cached[T] { return cached[T]{turn: make(chan struct{}, 1)} }

func (c *cached[T]) get(ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	var zero T
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return zero, classify("wait for key", "", ctx.Err())
	}
	if c.known != nil && time.Since(c.asked) < freshFor {
		return *c.known, nil
	}
	answer, err := ask(ctx)
	if err != nil && c.known == nil {
		return zero, err
	}
	c.asked = time.Now()
	if err == nil {
		c.known = &answer
	}
	return *c.known, nil
}
