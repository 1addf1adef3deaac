package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// player plays scenes with a gate.
type player struct {
	service *service
	options
	out io.Writer
}

// scene is one thing that a gate has to get right. play returns the gate's fault, "" for
// nothing. A scene that cannot be played says why in skip.
type scene struct {
	name string
	skip func(options) string
	play func(context.Context, *player) string
}

// play plays scenes and reports whether all went well.
func (p *player) play(ctx context.Context, all []scene) bool {
	failed, skipped := 0, 0
	for _, s := range all {
		if s.skip != nil {
			if why := s.skip(p.options); why != "" {
				skipped++
				fmt.Fprintf(p.out, "NOT TRIED  %s: %s\n", s.name, why)
				continue
			}
		}
		wrong := s.play(ctx, p)
		if strays := p.service.strayed(); wrong == "" && len(strays) > 0 {
			wrong = strings.Join(strays[:min(len(strays), 3)], "; ")
		}
		if wrong == "" && p.service.trap.called() {
			wrong = "it called an address that only an event named"
		}
		if wrong != "" {
			failed++
			fmt.Fprintf(p.out, "FAIL       %s: %s\n", s.name, wrong)
			continue
		}
		fmt.Fprintf(p.out, "pass       %s\n", s.name)
	}
	switch {
	case failed > 0:
		fmt.Fprintf(p.out, "\nThe gate does not keep the contract: %d of %d went wrong.\n", failed, len(all)-skipped)
	case skipped > 0:
		fmt.Fprintf(p.out, "\nThe gate keeps the contract as far as it was tried: %d were not.\n", skipped)
	default:
		fmt.Fprintln(p.out, "\nThe gate keeps the contract.")
	}
	return failed == 0
}

// reach waits until the gate takes connections.
func (p *player) reach(ctx context.Context) error {
	until := time.Now().Add(p.wait)
	for {
		_, _, err := p.deliver(ctx, "Notification", []byte("[]"))
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || time.Now().After(until) {
			return fmt.Errorf("the gate does not take connections at %s: %w", p.events, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// answerWithin is how long Event Grid waits for an answer
// (learn.microsoft.com/azure/event-grid/delivery-and-retry).
const answerWithin = 30 * time.Second

// deliver posts a body as Event Grid does.
func (p *player) deliver(ctx context.Context, kind string, body []byte) (status int, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.events, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("aeg-event-type", kind)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, answer, err
}

// event is the event that asks for work at a request, with changes to its data.
func (p *player) event(r *request, change map[string]any) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	total := 0
	for _, f := range r.files {
		total += len(f.bytes)
	}
	data := map[string]any{"request_id": r.id, "workspace": workspace, "type": "export", "gate": r.gate, "attempt": r.attempt,
		"content_digest": r.digest(), "files": len(r.files), "bytes": total, "deadline": r.deadline.UTC().Format(time.RFC3339),
		"api": fmt.Sprintf("/api/workspaces/%s/requests/%s/gates/%s", workspace, r.id, r.gate)}
	for name, value := range change {
		data[name] = value
	}
	return eventOf("Airlock.GateRequested", r.id+"/gate/"+r.gate, data)
}

func eventOf(kind, subject string, data any) []byte {
	body, err := json.Marshal([]map[string]any{{"id": newID(), "topic": "/subscriptions/x/resourceGroups/x/providers/Microsoft.EventGrid/topics/gates",
		"subject": subject, "eventType": kind, "eventTime": time.Now().UTC().Format(time.RFC3339), "dataVersion": "1.0", "metadataVersion": "1", "data": data}})
	if err != nil {
		panic(err) // plain values
	}
	return body
}

// ask sends the event about a request until the gate takes it: a refused event is delivered
// again. It returns the faults it saw.
func (p *player) ask(ctx context.Context, r *request, change map[string]any) string {
	for try := 1; ; try++ {
		status, _, err := p.deliver(ctx, "Notification", p.event(r, change))
		switch {
		case err == nil && status >= 200 && status < 300:
			return ""
		case try == 5 && err != nil:
			return "it does not answer a delivery within 30 seconds"
		case try == 5:
			return fmt.Sprintf("it answers a delivery with %d, again and again", status)
		}
		time.Sleep(time.Second)
	}
}

// judged asks for work and waits for a verdict that counts. As the airlock does, it asks
// again after a third of the time. It returns the faults it saw.
func (p *player) judged(ctx context.Context, r *request) string {
	if wrong := p.ask(ctx, r, nil); wrong != "" {
		return wrong
	}
	return p.answered(ctx, r)
}

// answered waits for a verdict that counts.
func (p *player) answered(ctx context.Context, r *request) string {
	began, again := time.Now(), p.wait/3
	for time.Since(began) < p.wait {
		if len(r.accepted()) > 0 {
			return flaws(r)
		}
		if why := r.malformed(); why != "" {
			return why
		}
		if time.Since(began) > again {
			again += p.wait / 3
			r.mu.Lock()
			r.attempt++
			r.mu.Unlock()
			_ = p.ask(ctx, r, nil)
		}
		time.Sleep(20 * time.Millisecond)
	}
	said := r.said()
	if len(said) == 0 {
		return fmt.Sprintf("no verdict came within %s", p.wait)
	}
	return fmt.Sprintf("no verdict came within %s that counts; the last one was refused with %d: %s", p.wait, said[len(said)-1].status, said[len(said)-1].why)
}

// flaws returns the faults of verdicts that counted.
func flaws(r *request) string {
	for _, put := range r.accepted() {
		if put.why != "" {
			return put.why
		}
	}
	return ""
}

// quiet makes sure that no verdict comes for a while.
func quiet(r *request, during time.Duration, forbidden func(put) bool) bool {
	for until := time.Now().Add(during); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		for _, put := range r.said() {
			if forbidden(put) {
				return false
			}
		}
	}
	return true
}
