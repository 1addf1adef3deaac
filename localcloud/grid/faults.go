package grid

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Faults are the faults to play, decided when an event is matched with a
// subscription. The same seed and the same order of publishing give the same
// faults, whatever the deliveries' timing.
type Faults struct {
	Seed uint64 `json:"seed"`

	// Subscription limits the faults to subscriptions whose name contains it.
	Subscription string `json:"subscription,omitempty"`
	// Except spares subscriptions whose name contains it.
	Except string `json:"except,omitempty"`

	DropNext  int      `json:"dropNext,omitempty"`  // lose this many deliveries, then no more
	Drop      float64  `json:"drop,omitempty"`      // probability of losing a delivery
	Duplicate float64  `json:"duplicate,omitempty"` // probability of delivering twice
	Delay     Duration `json:"delay,omitempty"`     // every delivery waits this long
	Shuffle   Duration `json:"shuffle,omitempty"`   // and up to this much longer, at random
}

// Duration is a time.Duration that reads and writes JSON as Go's text, like "250ms".
type Duration time.Duration

// MarshalJSON writes the duration's text.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON reads the duration's text.
func (d *Duration) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return fmt.Errorf("a duration is text like \"250ms\": %w", err)
	}
	parsed, err := time.ParseDuration(text)
	*d = Duration(parsed)
	return err
}

// fate is the effect of the faults on one event for one subscription: the waits of
// its deliveries, none if it is lost.
func (f *Faults) fate(subscription string, sequence uint64) []time.Duration {
	if f.Subscription != "" && !strings.Contains(subscription, f.Subscription) || f.Except != "" && strings.Contains(subscription, f.Except) {
		return []time.Duration{0}
	}
	if f.DropNext > 0 {
		f.DropNext--
		return nil
	}
	dice := dice(f.Seed, subscription, sequence, 0)
	if dice.Float64() < f.Drop {
		return nil
	}
	copies := 1
	if dice.Float64() < f.Duplicate {
		copies = 2
	}
	waits := make([]time.Duration, copies)
	for i := range waits {
		waits[i] = time.Duration(f.Delay) + time.Duration(dice.Float64()*float64(f.Shuffle))
	}
	return waits
}

// dice depend on nothing but their arguments, so that concurrent deliveries
// can't change each other's luck.
func dice(seed uint64, subscription string, sequence uint64, attempt int) *rand.Rand {
	const prime = 1099511628211 // FNV-1a
	hash := uint64(14695981039346656037)
	for _, b := range []byte(subscription) {
		hash = (hash ^ uint64(b)) * prime
	}
	return rand.New(rand.NewPCG(seed^hash, sequence<<8|uint64(attempt)&0xff))
}
