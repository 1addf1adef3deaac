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

// AnchorLog appends to the log of anchors. It does no I/O of its own: its
// functions do. One AnchorLog may be used by several goroutines, and several
// processes may append to the same log.
//
// The next entry always goes under the first number that is free. So the numbers
// up to a genuine entry are taken without a gap, and two writers that see
// different ends of the log still meet at the same number, where one is refused.
type AnchorLog struct {
	// Append stores an entry once: airlock.ErrImmutable when other bytes are there.
	Append func(ctx context.Context, name string, body []byte) error
	// Read returns airlock.ErrGone when there is no such entry, and
	// airlock.ErrNotEvidence when the item there can never be read.
	Read func(ctx context.Context, name string) ([]byte, error)
	Sign Sign
	Key  PublicKey
	// Damaged is told of items under numbers of the log that are no entries of it,
	// when the log goes on behind them.
	Damaged func(ctx context.Context, passed []PassedOver)

	mu   sync.Mutex
	tail Tail // the last genuine entry this process has seen
	// passed are the items behind the tail that are no entries; beyond counts them all.
	passed []PassedOver
	beyond int
}

const (
	// lostRaces is how often in a row another writer may be faster.
	lostRaces = 20
	// maxPassedOver bounds the planted entries that a genuine one names.
	maxPassedOver = 1000
)

// Add anchors heads, in as many entries as they need, and returns the number of
// the entry each went into, in the order of heads. After an error some may be
// anchored: anchoring a head again does no harm. It takes one write per entry;
// only where the log has grown since this process last saw it, it looks for the
// end, in a number of reads that grows with the logarithm of the distance.
func (l *AnchorLog) Add(ctx context.Context, heads []AnchoredHead, at time.Time) ([]int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entries := make([]int, 0, len(heads))
	for part := range slices.Chunk(heads, MaxHeads) {
		if err := l.add(ctx, part, at); err != nil {
			return entries, err
		}
		for range part {
			entries = append(entries, l.tail.Seq)
		}
	}
	return entries, nil
}

func (l *AnchorLog) add(ctx context.Context, heads []AnchoredHead, at time.Time) error {
	if l.tail.Seq == 0 {
		if err := l.find(ctx); err != nil {
			return err
		}
	}
	for range lostRaces {
		if l.beyond > 0 {
			l.Damaged(ctx, l.passed)
		}
		a := NewAnchor(l.tail, heads, at)
		a.Seq, a.PassedOver = l.next(), l.passed
		body, tail, err := a.Seal(ctx, l.Sign)
		if err != nil {
			return err
		}
		err = l.Append(ctx, AnchorName(a.Seq), body)
		if err == nil {
			l.reach(tail)
			return nil
		}
		if !errors.Is(err, airlock.ErrImmutable) {
			return fmt.Errorf("audit: anchor %d: %w", a.Seq, err)
		}
		// Somebody else wrote under this number, perhaps long ago.
		if err := l.find(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("audit: anchor: %w", airlock.ErrStale)
}

// next is the first number that is not known to be taken.
func (l *AnchorLog) next() int { return l.tail.Seq + l.beyond + 1 }

func (l *AnchorLog) reach(tail Tail) { l.tail, l.passed, l.beyond = tail, nil, 0 }

// find finds the last genuine entry and the first free number, from the last
// genuine entry seen on.
func (l *AnchorLog) find(ctx context.Context) error {
	if err := l.stride(ctx); err != nil {
		return err
	}
	for {
		seq := l.next()
		there, err := l.look(ctx, seq)
		switch {
		case err != nil:
			return err
		case there == free:
			return nil
		case there == entry:
			err = l.stride(ctx)
		default: // a run of planted ones, with perhaps the log going on behind it
			err = l.leap(ctx, seq)
		}
		if err != nil {
			return err
		}
	}
}

// stride goes from one genuine entry to a later one as far as doubling the step,
// and then halving it, leads.
func (l *AnchorLog) stride(ctx context.Context) error {
	step := 1
	for ; step < 1<<40; step *= 2 {
		there, err := l.look(ctx, l.tail.Seq+step)
		if err != nil {
			return err
		}
		if there != entry {
			break
		}
	}
	for step /= 2; step > 0; step /= 2 {
		if _, err := l.look(ctx, l.tail.Seq+step); err != nil {
			return err
		}
	}
	return nil
}

// leap notes that seq holds no entry, and now and then tries to get over a run of
// such numbers at once.
func (l *AnchorLog) leap(ctx context.Context, seq int) error {
	if l.beyond&(l.beyond-1) != 0 { // after 1, 2, 4, … of them
		return nil
	}
	for step := 1; step < 1<<40; step *= 2 {
		there, err := l.look(ctx, seq+step)
		if err != nil {
			return err
		}
		if there == free {
			return nil
		}
		if there == entry {
			return l.stride(ctx)
		}
	}
	return nil
}

// slot is the kind of item under a number of the log.
type slot int

const (
	free slot = iota
	entry
	planted
)

// look judges what lies under a number. A genuine entry becomes the tail: find
// only ever looks further on. Something else right behind the known tail is noted.
func (l *AnchorLog) look(ctx context.Context, seq int) (slot, error) {
	body, err := l.Read(ctx, AnchorName(seq))
	if errors.Is(err, airlock.ErrGone) {
		return free, nil
	}
	hash := ""
	if err == nil {
		a, tail, bad := OpenAnchor(ctx, body, l.Key)
		if bad == nil && a.Seq == seq {
			l.reach(tail)
			return entry, nil
		}
		if bad != nil && !errors.Is(bad, ErrBadEnvelope) {
			return free, fmt.Errorf("audit: anchor %d: %w", seq, bad)
		}
		hash = hashOf(body)
	} else if !errors.Is(err, airlock.ErrNotEvidence) {
		return free, err
	}
	if seq == l.next() {
		if l.beyond++; len(l.passed) < maxPassedOver {
			l.passed = append(l.passed, PassedOver{Seq: seq, SHA256: hash})
		}
	}
	return planted, nil
}
