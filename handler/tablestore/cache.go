package tablestore

import (
	"context"
	"errors"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
)

const (
	// fetchLimit bounds a call that several callers wait for and that none of
	// them may cancel.
	fetchLimit = 20 * time.Second
	// maxEntries bounds the memory: ids come from callers.
	maxEntries = 10000
)

// cache keeps answers for a short time and asks once however many callers wait.
// Only values and airlock.ErrNotFound are kept, no other errors.
type cache[K comparable, V any] struct {
	keep, keepAbsent time.Duration

	mu      sync.Mutex
	entries map[K]*entry[V]
}

type entry[V any] struct {
	ready chan struct{} // closed once the rest is set
	until time.Time
	value V
	err   error
}

func (e *entry[V]) fresh(now time.Time) bool {
	select {
	case <-e.ready:
		return now.Before(e.until)
	default:
		return true // somebody is asking right now
	}
}

// get returns the kept answer for k or asks for it.
func (c *cache[K, V]) get(ctx context.Context, k K, ask func(context.Context) (V, error)) (V, error) {
	c.mu.Lock()
	e := c.entries[k]
	if e == nil || !e.fresh(time.Now()) {
		if c.entries == nil || len(c.entries) >= maxEntries {
			c.entries = map[K]*entry[V]{}
		}
		e = &entry[V]{ready: make(chan struct{})}
		c.entries[k] = e
		go c.fill(context.WithoutCancel(ctx), e, ask)
	}
	c.mu.Unlock()
	select {
	case <-e.ready:
		return e.value, e.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

func (c *cache[K, V]) fill(ctx context.Context, e *entry[V], ask func(context.Context) (V, error)) {
	ctx, cancel := context.WithTimeout(ctx, fetchLimit)
	defer cancel()
	e.value, e.err = ask(ctx)
	switch {
	case e.err == nil:
		e.until = time.Now().Add(c.keep)
	case errors.Is(e.err, airlock.ErrNotFound):
		e.until = time.Now().Add(c.keepAbsent)
	}
	close(e.ready)
}

// forget makes the next get ask again.
func (c *cache[K, V]) forget(k K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, k)
}
