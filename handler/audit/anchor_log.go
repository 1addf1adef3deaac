package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
)

// AnchorLog appends to the log of anchors. It does no I/O of its own: the two
// functions do. One AnchorLog may be used by several goroutines, and several
// processes may append to the same log.
type AnchorLog struct {
	// Append stores an entry once: airlock.ErrImmutable when other bytes are there.
	Append func(ctx context.Context, name string, body []byte) error
	// Read returns airlock.ErrGone when there is no such entry.
	Read func(ctx context.Context, name string) ([]byte, error)
	// MAC returns HMAC-SHA-256 over b and the id of the key.
	MAC func(ctx context.Context, b []byte) (mac []byte, keyID string, err error)

	mu   sync.Mutex
	tail Tail // the last entry this process has seen
}

// lostRaces is how often in a row another writer may be faster.
const lostRaces = 20

// Add anchors heads, in as many entries as they need. After an error some may
// be anchored: anchoring a head again does no harm. It takes one write per
// entry; only where the log has grown since this process last saw it, it looks for
// the end, in a number of reads that grows with the logarithm of the distance.
func (l *AnchorLog) Add(ctx context.Context, heads []AnchoredHead, at time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for part := range slices.Chunk(heads, MaxHeads) {
		if err := l.add(ctx, part, at); err != nil {
			return err
		}
	}
	return nil
}

func (l *AnchorLog) add(ctx context.Context, heads []AnchoredHead, at time.Time) error {
	if l.tail.Seq == 0 {
		if err := l.findTail(ctx); err != nil {
			return err
		}
	}
	for range lostRaces {
		body, tail, err := NewAnchor(l.tail, heads, at).Seal(func(b []byte) ([]byte, string, error) { return l.MAC(ctx, b) })
		if err != nil {
			return err
		}
		err = l.Append(ctx, AnchorName(tail.Seq), body)
		if err == nil {
			l.tail = tail
			return nil
		}
		if !errors.Is(err, airlock.ErrImmutable) {
			return fmt.Errorf("audit: anchor %d: %w", tail.Seq, err)
		}
		// Somebody else wrote this entry, perhaps long ago; ours goes behind theirs.
		if err := l.findTail(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("audit: anchor: %w", airlock.ErrStale)
}

// findTail finds the last entry, from the last one seen on. The log has no gaps,
// so doubling the step and then halving the distance finds its end.
func (l *AnchorLog) findTail(ctx context.Context) error {
	low, step := l.tail.Seq, 1
	for { // until low is there (or 0) and low+step is not
		there, err := l.look(ctx, low+step)
		if err != nil {
			return err
		}
		if !there {
			break
		}
		low, step = low+step, step*2
	}
	for high := low + step; high-low > 1; {
		middle := low + (high-low)/2
		there, err := l.look(ctx, middle)
		if err != nil {
			return err
		}
		if there {
			low = middle
		} else {
			high = middle
		}
	}
	return nil
}

// look reports whether an entry is there, and if so makes it the tail: findTail
// only ever finds later ones.
func (l *AnchorLog) look(ctx context.Context, seq int) (bool, error) {
	tail, err := l.entry(ctx, seq)
	if errors.Is(err, airlock.ErrGone) {
		return false, nil
	}
	if err == nil {
		l.tail = tail
	}
	return err == nil, err
}

// entry reads one entry's place in the log. An entry that is no anchor, or says
// another number, is ErrBadEnvelope: the log cannot go on behind it, and an
// operator has to look.
func (l *AnchorLog) entry(ctx context.Context, seq int) (Tail, error) {
	body, err := l.Read(ctx, AnchorName(seq))
	if err != nil {
		return Tail{}, err
	}
	a, tail, err := ParseAnchor(body)
	if err != nil {
		return Tail{}, fmt.Errorf("audit: anchor %d: %w", seq, err)
	}
	if a.Seq != seq {
		return Tail{}, fmt.Errorf("audit: anchor %d says it is number %d: %w", seq, a.Seq, ErrBadEnvelope)
	}
	return tail, nil
}
