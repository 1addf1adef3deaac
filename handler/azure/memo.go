package azure

import (
	"context"
	"errors"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
)

// maxKeys bounds the memory: keys may come from callers. A full memory is emptied.
const maxKeys = 10000

// Memo remembers answers. Per key one caller asks and the others wait for the
// same answer. No caller can cancel the question: it has a time limit of its own.
//
// Set the fields before the first use. The zero value remembers nothing, and
// still asks once for all who wait. A Memo is safe for concurrent use.
type Memo[K comparable, V any] struct {
	// Fresh is how long an answer is used without asking again.
	Fresh time.Duration
	// Stale is how long, from when it was given, an answer is used while asking
	// again fails. 0: a failure is told at once.
	Stale time.Duration
	// Absent is how long airlock.ErrNotFound is believed.
	Absent time.Duration
	// Rest is how long nobody asks after another error. An *airlock.Fault that names
	// a longer time gets it. 0: the next caller asks.
	Rest time.Duration
	// Within bounds one question. 0: 20 seconds.
	Within time.Duration
	// Now is the clock. nil: time.Now.
	Now func() time.Time

	mu      sync.Mutex
	entries map[K]*entry[V]
}

// entry is the knowledge about one key.
type entry[V any] struct {
	known bool
	value V
	at    time.Time // when value was given
	err   error     // why the last question failed, nil if it did not
	again time.Time // when to ask again after err
	under *question[V]
}

// question is under way until done is closed.
type question[V any] struct {
	done  chan struct{}
	value V
	err   error
	panic any
}

// Get returns the answer for k. While asking fails, and while it rests, it
// returns the last answer if that is no older than Stale.
//
// Errors: those of ask; ctx.Err() when the caller's time is up.
func (m *Memo[K, V]) Get(ctx context.Context, k K, ask func(context.Context) (V, error)) (V, error) {
	return m.get(ctx, k, m.Stale, ask)
}

// GetFresh is Get without old answers: a failure to ask is told.
func (m *Memo[K, V]) GetFresh(ctx context.Context, k K, ask func(context.Context) (V, error)) (V, error) {
	return m.get(ctx, k, 0, ask)
}

// Forget makes the next Get ask, and keeps a question that is under way from
// being remembered.
func (m *Memo[K, V]) Forget(k K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.entries, k)
}

func (m *Memo[K, V]) get(ctx context.Context, k K, stale time.Duration, ask func(context.Context) (V, error)) (V, error) {
	var none V
	if err := ctx.Err(); err != nil {
		return none, err
	}
	m.mu.Lock()
	e, now := m.entry(k), m.now()
	switch {
	case e.known && now.Sub(e.at) < m.Fresh:
		defer m.mu.Unlock()
		return e.value, nil
	case e.err != nil && now.Before(e.again):
		defer m.mu.Unlock()
		return e.orStale(e.err, now, stale)
	case e.under == nil:
		e.under = &question[V]{done: make(chan struct{})}
		go m.ask(context.WithoutCancel(ctx), e, e.under, ask)
	}
	q := e.under
	m.mu.Unlock()
	select {
	case <-q.done:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	switch {
	case q.panic != nil:
		panic(q.panic)
	case q.err == nil:
		return q.value, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return e.orStale(q.err, m.now(), stale)
}

func (e *entry[V]) orStale(err error, now time.Time, stale time.Duration) (V, error) {
	if e.known && now.Sub(e.at) < stale {
		return e.value, nil
	}
	var none V
	return none, err
}

// ask asks the question for all who wait and remembers the answer.
func (m *Memo[K, V]) ask(ctx context.Context, e *entry[V], q *question[V], ask func(context.Context) (V, error)) {
	within := m.Within
	if within == 0 {
		within = 20 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	defer func() {
		q.panic = recover() // every waiting caller panics instead
		m.mu.Lock()
		defer m.mu.Unlock()
		if q.panic == nil {
			m.remember(e, q)
		}
		e.under = nil
		close(q.done)
	}()
	q.value, q.err = ask(ctx)
}

func (m *Memo[K, V]) remember(e *entry[V], q *question[V]) {
	now := m.now()
	e.err = q.err
	fault, isFault := errors.AsType[*airlock.Fault](q.err)
	switch {
	case q.err == nil:
		e.known, e.value, e.at = true, q.value, now
	case errors.Is(q.err, airlock.ErrNotFound): // an answer too
		e.known, e.again = false, now.Add(m.Absent)
	case m.Rest > 0 && isFault:
		e.again = now.Add(max(m.Rest, fault.After))
	default:
		e.again = now.Add(m.Rest)
	}
}

// entry returns the entry of k. The caller holds mu.
func (m *Memo[K, V]) entry(k K) *entry[V] {
	e := m.entries[k]
	if e == nil {
		if m.entries == nil || len(m.entries) >= maxKeys {
			m.entries = map[K]*entry[V]{}
		}
		e = &entry[V]{}
		m.entries[k] = e
	}
	return e
}

func (m *Memo[K, V]) now() time.Time {
	if m.Now != nil {
		return m.Now()
	}
	return time.Now()
}
