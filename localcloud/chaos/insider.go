package chaos

import (
	"math/rand/v2"
	"slices"
	"sync"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// An insider has the rights of one role past the service, and no others.
const (
	tableWriter     = "table writer"     // writes and deletes any row of the state account
	registryWriter  = "registry writer"  // writes and deletes any row of the registry
	evidenceCreator = "evidence creator" // creates blobs in the evidence account, and replaces none
	keyHolder       = "key holder"       // sends events to the webhooks, and creates blobs among the dead letters
)

// harm is an insider's change to one row: was lay there before (nil: nothing did), now afterwards (nil: nothing does).
type harm struct {
	by, what string
	request  string // whose row it is, "" for a workspace's
	table    string
	was, now ground.Row
	old      bool // now is a genuine row, which was there before
}

// row is the row that was meant, for its keys.
func (h harm) row() ground.Row {
	if h.now != nil {
		return h.now
	}
	return h.was
}

// plant is a blob that an insider created.
type plant struct{ by, container, name string }

// diary lists the insiders' deeds.
type diary struct {
	mu     sync.Mutex
	harms  []harm
	plants []plant
	forged int // events
}

func (d *diary) harmed(h harm) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.harms = append(d.harms, h)
}

func (d *diary) planted(p plant) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.plants = append(d.plants, p)
}

func (d *diary) forgedOne() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forged++
}

func (d *diary) deeds() (harms []harm, plants []plant, forged int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.harms), slices.Clone(d.plants), d.forged
}

// pick is one of them.
func pick[T any](dice *rand.Rand, of []T) T { return of[dice.IntN(len(of))] }

// stranger is a request in play, for an insider who cares for none in particular; nil when there is none.
func (w *weather) stranger(dice *rand.Rand) *story.Play {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range 4 {
		if len(w.plays) == 0 {
			return nil
		}
		if p := pick(dice, w.plays); p.RequestID() != "" {
			return p
		}
	}
	return nil
}
