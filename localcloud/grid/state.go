package grid

import (
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// load takes back deliveries that an earlier run did not make. Deliveries of a
// subscription that no longer exists are dropped, as Event Grid does.
func (g *Grid) load() error {
	if g.config.StateFile == "" {
		return nil
	}
	raw, err := os.ReadFile(g.config.StateFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var deliveries []*delivery
	if err == nil {
		err = json.Unmarshal(raw, &deliveries)
	}
	if err != nil {
		return fmt.Errorf("undelivered events in %s: %w", g.config.StateFile, err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, d := range deliveries {
		i := slices.IndexFunc(g.lanes, func(l *lane) bool { return l.Name == d.Subscription })
		if i < 0 {
			continue
		}
		g.sequence = max(g.sequence, d.Sequence)
		heap.Push(&g.lanes[i].waiting, d)
	}
	return nil
}

// save writes the undelivered events, oldest first, in one step.
func (g *Grid) save() error {
	if g.config.StateFile == "" {
		return nil
	}
	g.mu.Lock()
	deliveries := []*delivery{}
	for _, l := range g.lanes {
		deliveries = append(deliveries, l.waiting...)
	}
	slices.SortFunc(deliveries, func(a, b *delivery) int {
		if a.Sequence != b.Sequence {
			return int(a.Sequence) - int(b.Sequence)
		}
		return strings.Compare(a.Subscription, b.Subscription)
	})
	raw, err := json.Marshal(deliveries)
	g.mu.Unlock()
	if err != nil {
		return err
	}
	if err := os.WriteFile(g.config.StateFile+".new", raw, 0o600); err != nil {
		return err
	}
	return os.Rename(g.config.StateFile+".new", g.config.StateFile)
}
