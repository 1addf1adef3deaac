package tablestore

import (
	"sync"
	"time"
)

// A damaged row counts until it reads well again, or was not seen for a day. Only
// so many are remembered: the number of a flood is of no use.
const (
	damageKept = 24 * time.Hour
	maxDamages = 1000
)

// damages remembers which rows this process has found damaged. The zero value is
// ready to use.
type damages struct {
	mu   sync.Mutex
	seen map[[3]string]time.Time
}

func (d *damages) add(table, partition, key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.seen == nil {
		d.seen = map[[3]string]time.Time{}
	}
	at := [3]string{table, partition, key}
	if _, known := d.seen[at]; known || len(d.seen) < maxDamages {
		d.seen[at] = time.Now()
	}
}

func (d *damages) mended(table, partition, key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.seen) > 0 {
		delete(d.seen, [3]string{table, partition, key})
	}
}

func (d *damages) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	for at, when := range d.seen {
		if time.Since(when) > damageKept {
			delete(d.seen, at)
		}
	}
	return len(d.seen)
}

// Damaged counts the rows that this process has found damaged in the last day and
// that did not read well since; a thousand at most.
func (s *Store) Damaged() int { return s.damages.count() }
