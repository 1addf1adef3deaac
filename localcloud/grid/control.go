package grid

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"example.org/airlock/localcloud/event"
)

// Stats counts the grid's events since its start.
type Stats struct {
	Paused        bool              `json:"paused"`
	Topics        map[string]int    `json:"topics"` // events published, by topic
	Subscriptions map[string]Counts `json:"subscriptions"`
}

// Stats returns the counts of now.
func (g *Grid) Stats() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := Stats{Paused: g.paused, Topics: map[string]int{}, Subscriptions: map[string]Counts{}}
	for topic, n := range g.counts {
		s.Topics[topic] = n
	}
	for _, l := range g.lanes {
		count := l.count
		count.Queued, count.InFlight = len(l.waiting), l.inFlight
		s.Subscriptions[l.Name] = count
	}
	return s
}

// Settled waits until nothing is queued or under way.
func (g *Grid) Settled(ctx context.Context) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		rest := 0
		for _, c := range g.Stats().Subscriptions {
			rest += c.Queued + c.InFlight
		}
		if rest == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Queued is one delivery that waits.
type Queued struct {
	Subscription string      `json:"subscription"`
	Due          time.Time   `json:"due"`
	Attempts     int         `json:"attempts"`
	LastOutcome  string      `json:"lastOutcome"`
	Event        event.Event `json:"event"`
}

// Queue lists the waiting events, in no particular order.
func (g *Grid) Queue() []Queued {
	g.mu.Lock()
	defer g.mu.Unlock()
	queue := []Queued{}
	for _, l := range g.lanes {
		for _, d := range l.waiting {
			queue = append(queue, Queued{l.Name, d.Due, d.Attempts, d.LastOutcome, d.Event})
		}
	}
	return queue
}

// Published lists the remembered events whose subject contains a text, oldest first.
func (g *Grid) Published(subject string) []event.Event {
	g.mu.Lock()
	defer g.mu.Unlock()
	events := []event.Event{}
	for _, p := range g.history {
		if strings.Contains(p.event.Subject, subject) {
			events = append(events, p.event)
		}
	}
	return events
}

// Control is the test control of the grid over HTTP:
//
//	GET  /stats      counts        GET /queue  waiting events   GET /published?subject=  published events
//	POST /pause      POST /resume
//	GET, PUT /faults the faults to play, see Faults; PUT {} ends it
//	POST /replay     {"id":"…"} publishes that event again, {} all
//	POST /inject     {"subscription":"…","event":{…}} delivers a forged event
//	POST /settle     answers when nothing waits any more
func (g *Grid) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) { answer(w, g.Stats()) })
	mux.HandleFunc("GET /queue", func(w http.ResponseWriter, _ *http.Request) { answer(w, g.Queue()) })
	mux.HandleFunc("GET /published", func(w http.ResponseWriter, r *http.Request) { answer(w, g.Published(r.FormValue("subject"))) })
	mux.HandleFunc("POST /pause", func(w http.ResponseWriter, _ *http.Request) { g.Pause(); answer(w, g.Stats()) })
	mux.HandleFunc("POST /resume", func(w http.ResponseWriter, _ *http.Request) { g.Resume(); answer(w, g.Stats()) })
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) {
		g.mu.Lock()
		faults := g.faults
		g.mu.Unlock()
		answer(w, faults)
	})
	mux.HandleFunc("PUT /faults", func(w http.ResponseWriter, r *http.Request) {
		if faults, ok := read[Faults](w, r); ok {
			g.SetFaults(faults)
			answer(w, faults)
		}
	})
	mux.HandleFunc("POST /replay", func(w http.ResponseWriter, r *http.Request) {
		if which, ok := read[struct{ ID string }](w, r); ok {
			answer(w, map[string]int{"replayed": g.Replay(which.ID)})
		}
	})
	mux.HandleFunc("POST /inject", func(w http.ResponseWriter, r *http.Request) {
		forged, ok := read[struct {
			Subscription string
			Event        event.Event
		}](w, r)
		if !ok {
			return
		}
		if err := g.Inject(forged.Subscription, forged.Event); err != nil {
			refuse(w, http.StatusNotFound, "NotFound", err.Error())
			return
		}
		answer(w, g.Stats())
	})
	mux.HandleFunc("POST /settle", func(w http.ResponseWriter, r *http.Request) {
		if g.Settled(r.Context()) == nil {
			answer(w, g.Stats())
		}
	})
	return mux
}

// read decodes a control request; a misspelt member is refused.
func read[T any](w http.ResponseWriter, r *http.Request) (value T, ok bool) {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		refuse(w, http.StatusBadRequest, "BadRequest", err.Error())
		return value, false
	}
	return value, true
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
