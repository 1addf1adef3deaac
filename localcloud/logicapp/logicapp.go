// Package logicapp stands in for the Logic App that mails airlock
// notifications: it stores the mails it would send, one JSON line each.
package logicapp

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"example.org/airlock/localcloud/event"
)

const (
	fileName  = "mail.jsonl"
	bodyLimit = 1 << 20
)

// App is the stand-in.
type App struct {
	file string
	log  *slog.Logger
	mux  *http.ServeMux

	mu      sync.Mutex
	seen    map[string]bool // ids of events that were mailed
	all     []Mail
	failing failure
}

// failure is the webhook's answer for a while instead of working.
type failure struct {
	Status int `json:"status"`
	Times  int `json:"times"`
}

// New returns an App that keeps its mails in dir/mail.jsonl and knows those that
// are there already.
func New(dir string, log *slog.Logger) (*App, error) {
	a := &App{file: filepath.Join(dir, fileName), log: cmp.Or(log, slog.New(slog.DiscardHandler)), seen: map[string]bool{}, mux: http.NewServeMux()}
	var err error
	if a.all, err = Mails(dir); err != nil {
		return nil, err
	}
	for _, m := range a.all {
		a.seen[m.EventID] = true
	}
	a.mux.HandleFunc("POST /webhook", a.webhook)
	a.mux.HandleFunc("GET /mails", a.list)
	a.mux.HandleFunc("PUT /failure", a.fail)
	return a, nil
}

// ServeHTTP answers:
//
//	POST /webhook  Event Grid's deliveries
//	GET  /mails    the mails, as text or, if asked by Accept, as a JSON array
//	PUT  /failure  {"status":503,"times":2} makes the webhook fail
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// Mails reads the mails kept in dir, oldest first; none is no error.
func Mails(dir string) ([]Mail, error) {
	raw, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	all := []Mail{}
	for line := range bytes.Lines(raw) {
		var m Mail
		if err := json.Unmarshal(line, &m); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", fileName, len(all)+1, err)
		}
		all = append(all, m)
	}
	return all, nil
}

// webhook takes a delivery. An event that was mailed before is done; one that
// can't be read is refused for good, as the connector's schema check would.
func (a *App) webhook(w http.ResponseWriter, r *http.Request) {
	var events []event.Event
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit)).Decode(&events); err != nil || len(events) == 0 {
		http.Error(w, "an array of events is expected", http.StatusBadRequest)
		return
	}
	if strings.EqualFold(r.Header.Get("aeg-event-type"), "SubscriptionValidation") {
		var data struct{ ValidationCode string }
		_ = json.Unmarshal(events[0].Data, &data) // an empty code fails the handshake
		answer(w, map[string]string{"validationResponse": data.ValidationCode})
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failing.Times > 0 {
		a.failing.Times--
		http.Error(w, "told to fail", a.failing.Status)
		return
	}
	for _, e := range events {
		if err := a.mail(e); err != nil {
			a.log.Error("notification not mailed", "event", e.ID, "error", err)
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	w.WriteHeader(http.StatusAccepted)
}

// mail stores the mails of an event in one write. The mutex is held.
func (a *App) mail(e event.Event) error {
	if a.seen[e.ID] || e.EventType != "airlockNotification" {
		return nil
	}
	fresh, err := mails(e.ID, e.Data, time.Now().UTC())
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	encoder.SetEscapeHTML(false)
	for _, m := range fresh {
		if err := encoder.Encode(m); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(a.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(lines.Bytes())
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	a.seen[e.ID] = true
	a.all = append(a.all, fresh...)
	return nil
}

func (a *App) list(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		answer(w, a.all)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_ = Print(w, a.all) // a reader that left is nobody's failure
}

func (a *App) fail(w http.ResponseWriter, r *http.Request) {
	var f failure
	if json.NewDecoder(r.Body).Decode(&f) != nil || f.Times > 0 && (f.Status < 300 || f.Status > 599) {
		http.Error(w, `{"status":503,"times":2} is expected`, http.StatusBadRequest)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failing = f
	answer(w, f)
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
