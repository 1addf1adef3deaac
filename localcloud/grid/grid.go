package grid

import (
	"context"
	"net/http"

	"example.org/airlock/localcloud/event"
)

// Grid is the stand-in. Its ServeHTTP is the publish endpoint of all custom
// topics; the first label of the Host names the topic.
type Grid struct{ config Config }

// New returns a Grid that accepts events at once and delivers while Run runs.
func New(c Config) *Grid { return &Grid{config: c} }

func (g *Grid) ServeHTTP(w http.ResponseWriter, r *http.Request) {}

// Emit puts an event on a topic, as Storage does on its system topic.
func (g *Grid) Emit(topic string, e event.Event) {}

// Run delivers until ctx ends.
func (g *Grid) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Pause stops deliveries from starting; events are still accepted.
func (g *Grid) Pause() {}

// Resume ends Pause.
func (g *Grid) Resume() {}

// Control is the test control of the grid over HTTP.
func (g *Grid) Control() http.Handler { return http.NotFoundHandler() }
