package keys

import (
	"context"
	"time"
)

const (
	// freshFor is how long a rotated key may go unnoticed.
	freshFor = time.Hour
	// againAfter is how long a vault that did not answer is left alone.
	againAfter = time.Minute
)

// cached keeps what a vault said. One caller at a time asks; what is known stays
// in use when asking again fails, so that a vault that is away stops nothing.
type cached[T any] struct {
	turn  chan struct{} // whoever has it may touch the rest
	known *T
	until time.Time // when to ask again
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
	if c.known != nil && time.Now().Before(c.until) {
		return *c.known, nil
	}
	answer, err := ask(ctx)
	if err != nil && c.known == nil {
		return zero, err
	}
	if err != nil {
		c.until = time.Now().Add(againAfter)
		return *c.known, nil
	}
	c.known, c.until = &answer, time.Now().Add(freshFor)
	return answer, nil
}

// forget makes the next get ask, whatever is known.
func (c *cached[T]) forget() {
	c.turn <- struct{}{}
	c.known = nil
	<-c.turn
}
