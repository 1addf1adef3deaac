// Package graph stands in for the few Microsoft Graph calls that find the
// members of a workspace's roles.
package graph

import (
	"log/slog"
	"net/http"
)

// Config of the stand-in.
type Config struct {
	// Authorize refuses a call without a proper token; nil lets all pass.
	Authorize func(*http.Request) error
	Log       *slog.Logger
}

// Graph is the stand-in; ServeHTTP answers as https://graph.microsoft.com.
type Graph struct{ config Config }

// New returns an empty directory.
func New(c Config) *Graph { return &Graph{config: c} }

func (g *Graph) ServeHTTP(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }

// Control is the test control over HTTP.
func (g *Graph) Control() http.Handler { return http.NotFoundHandler() }
