package grid

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"example.org/airlock/localcloud/event"
)

// historyLimit is how many published events Replay can reach back to.
const historyLimit = 20000

// ErrUnknownSubscription means that no subscription has this name.
var ErrUnknownSubscription = errors.New("grid: no such subscription")

// Grid is the stand-in. Its ServeHTTP is the publish endpoint of all custom
// topics; the first label of the Host names the topic.
type Grid struct {
	config Config
	client *http.Client
	lanes  []*lane

	mu       sync.Mutex
	paused   bool
	faults   Faults
	sequence uint64
	history  []published // newest last
	counts   map[string]int
}

type published struct {
	topic string
	event event.Event
}

// New returns a Grid that accepts events at once and delivers while Run runs.
// It panics if a subscription has no name, topic or endpoint, or if two share a
// name: a mistake in wiring.
func New(c Config) *Grid {
	g := &Grid{
		config: c.withDefaults(), counts: map[string]int{},
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: inFlightLimit, DisableCompression: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	names := map[string]bool{}
	for _, s := range c.Subscriptions {
		if s.Name == "" || s.Topic == "" || s.Endpoint == "" || names[s.Name] {
			panic(fmt.Sprintf("grid: subscription %q on %q: name, topic and endpoint are needed, names only once", s.Name, s.Topic))
		}
		names[s.Name] = true
		g.lanes = append(g.lanes, &lane{Subscription: s.withDefaults(), wake: make(chan struct{}, 1)})
	}
	return g
}

// Emit puts an event on a topic, as Storage does on its system topic. An empty
// Topic of the event is filled in. Events nobody subscribes to are only counted.
func (g *Grid) Emit(topic string, e event.Event) {
	e.Topic = cmp.Or(e.Topic, event.StorageTopic(topic))
	g.publish(topic, e)
}

func (g *Grid) publish(topic string, e event.Event) {
	e.MetadataVersion = cmp.Or(e.MetadataVersion, "1")
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counts[topic]++
	g.history = append(g.history, published{topic, e})
	if len(g.history) > 2*historyLimit { // cut rarely, so that publishing stays cheap
		g.history = append([]published(nil), g.history[historyLimit:]...)
	}
	g.sequence++
	for _, l := range g.lanes {
		if l.Topic == topic && l.wants(e) {
			g.enqueue(l, e)
		}
	}
}

// enqueue lets the faults decide and queues the rest. The mutex is held.
func (g *Grid) enqueue(l *lane, e event.Event) {
	waits := g.faults.fate(l.Name, g.sequence)
	l.count.Published++
	switch len(waits) {
	case 0:
		l.count.Dropped++
	case 2:
		l.count.Duplicated++
	}
	now := time.Now()
	for _, wait := range waits {
		heap.Push(&l.waiting, &delivery{
			Subscription: l.Name, Event: e, Sequence: g.sequence, Published: now, Due: now.Add(wait),
		})
	}
	l.nudge()
}

// Run delivers until ctx ends, and then writes undelivered events to the state
// file. It returns an error if the state file can't be read or written.
func (g *Grid) Run(ctx context.Context) error {
	if err := g.load(); err != nil {
		return err
	}
	var running sync.WaitGroup
	for _, l := range g.lanes {
		running.Go(func() { g.run(ctx, l) })
	}
	running.Wait()
	g.client.CloseIdleConnections()
	return g.save()
}

// Pause stops deliveries from starting; events are still accepted.
func (g *Grid) Pause() { g.setPaused(true) }

// Resume ends Pause.
func (g *Grid) Resume() { g.setPaused(false) }

func (g *Grid) setPaused(paused bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.paused = paused
	for _, l := range g.lanes {
		l.nudge()
	}
}

// SetFaults replaces the faults to play; the zero value ends it.
func (g *Grid) SetFaults(f Faults) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = f
}

// Inject delivers an event to one subscription as if it had been published and
// matched, whatever the subscription's topic and filters say: a forged event.
func (g *Grid) Inject(subscription string, e event.Event) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, l := range g.lanes {
		if l.Name == subscription {
			g.sequence++
			e.Topic, e.MetadataVersion = cmp.Or(e.Topic, l.topicID()), cmp.Or(e.MetadataVersion, "1")
			g.enqueue(l, e)
			return nil
		}
	}
	return fmt.Errorf("%w: %s", ErrUnknownSubscription, subscription)
}

// Replay publishes remembered events again, with the ids they had: all of them,
// or the one with the given id. It returns how many. With all of them, waiting
// deliveries begin anew too, at once and as if they had never failed.
func (g *Grid) Replay(eventID string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if eventID == "" {
		g.beginAnew()
	}
	replayed := 0
	for _, p := range g.history {
		if eventID != "" && p.event.ID != eventID {
			continue
		}
		replayed++
		g.sequence++
		for _, l := range g.lanes {
			if l.Topic == p.topic && l.wants(p.event) {
				g.enqueue(l, p.event)
			}
		}
	}
	return replayed
}

// beginAnew forgets the failures of waiting deliveries. The mutex is held.
func (g *Grid) beginAnew() {
	now := time.Now()
	for _, l := range g.lanes {
		for _, d := range l.waiting {
			d.Due, d.Attempts = now, 0
		}
		heap.Init(&l.waiting)
		l.nudge()
	}
}
