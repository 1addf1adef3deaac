package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// scenes are all of them, in the order of play.
var scenes = []scene{
	{name: "it proves to Event Grid that it wants the events", play: handshake},
	{name: "it judges harmless files, all of them, and names their digest", play: harmless},
	{name: "it finds something in the file of --bad, and repeats none of its content", skip: noSample, play: sample},
	{name: "an event that comes twice leads to one word", play: twice},
	{name: "an event after the verdict changes nothing", play: afterwards},
	{name: "an event about a request that is not there does no harm", play: nowhere},
	{name: "an event about another gate does no harm", play: anotherGate},
	{name: "it calls the address that it was given, not one in an event", play: elsewhere},
	{name: "malformed and foreign events do no harm", play: malformed},
	{name: "a huge delivery does no harm", play: huge},
	{name: "five hundred files with odd names are all judged", play: many},
	{name: "a file without a hash is judged by its ETag", play: unhashed},
	{name: "a large file is judged", play: large},
	{name: "it lets nothing pass whose bytes are not the task's", play: otherBytes},
	{name: "files that change under its hands are judged anew", play: changing},
	{name: "it lives through storage that is away for a moment", play: storageAway},
	{name: "it lives through an API that is away for a moment", play: apiAway},
	{name: "it asks for a new link when one has expired", play: expired},
	{name: "it takes 'decided' for an answer when it is late", play: late},
}

func text(name, body string) file { return file{name: name, bytes: []byte(body)} }

func (p *player) request(files ...file) *request {
	return p.service.add(newRequest(p.gate, files...))
}

// harmlessText is nothing that anybody finds anything in.
const harmlessText = "region,mean\nNorth,3.2\nSouth,4.1\n"

func handshake(ctx context.Context, p *player) string {
	code := newID()
	status, answer, err := p.deliver(ctx, "SubscriptionValidation", eventOf("Microsoft.EventGrid.SubscriptionValidationEvent", "", map[string]any{"validationCode": code, "validationUrl": p.service.trap.url()}))
	if err != nil {
		return "it does not answer"
	}
	var said struct {
		ValidationResponse string `json:"validationResponse"`
	}
	if status != http.StatusOK || json.Unmarshal(answer, &said) != nil || said.ValidationResponse != code {
		return fmt.Sprintf("it answers %d, and not {\"validationResponse\": CODE} with the code of the event", status)
	}
	return ""
}

func harmless(ctx context.Context, p *player) string {
	r := p.request(text("table.csv", harmlessText), text("notes/read me.txt", "Nothing.\n"))
	if wrong := p.judged(ctx, r); wrong != "" {
		return wrong
	}
	if last := r.accepted()[0].v.Outcome; last != "passed" && last != "findings" {
		return fmt.Sprintf("it says %q of harmless files", last)
	}
	return ""
}

func noSample(o options) string {
	if o.bad == "" {
		return "name a file with --bad"
	}
	return ""
}

func sample(ctx context.Context, p *player) string {
	body, err := os.ReadFile(p.bad)
	if err != nil {
		return err.Error()
	}
	r := p.request(text("harmless.csv", harmlessText), file{name: "sample.dat", bytes: body})
	if wrong := p.judged(ctx, r); wrong != "" {
		return wrong
	}
	put := r.accepted()[0]
	if put.v.Outcome != "findings" && put.v.Outcome != "blocked" {
		return fmt.Sprintf("it says %q", put.v.Outcome)
	}
	if !slices.ContainsFunc(put.v.Findings, func(f finding) bool { return *f.File == "sample.dat" }) {
		return "it names no finding in the file"
	}
	for _, word := range bytes.FieldsFunc(body, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`,;"'`, r) }) {
		if len(word) >= 8 && bytes.Contains(put.body, word) {
			return "its verdict repeats what is in the file"
		}
	}
	return ""
}

// contradicts says whether verdicts that counted do not say the same.
func contradicts(r *request) string {
	all := r.accepted()
	for _, put := range all {
		if put.v.Outcome != all[0].v.Outcome {
			return fmt.Sprintf("it says %q, and then %q", all[0].v.Outcome, put.v.Outcome)
		}
	}
	return ""
}

// settled gives the gate time to make a call that it should not make.
func (p *player) settled() { time.Sleep(p.settle) }

func twice(ctx context.Context, p *player) string {
	r := p.request(text("table.csv", harmlessText))
	for range 3 {
		if wrong := p.ask(ctx, r, nil); wrong != "" {
			return wrong
		}
	}
	if wrong := p.answered(ctx, r); wrong != "" {
		return wrong
	}
	p.settled()
	return contradicts(r)
}

func afterwards(ctx context.Context, p *player) string {
	r := p.request(text("table.csv", harmlessText))
	if wrong := p.judged(ctx, r); wrong != "" {
		return wrong
	}
	if wrong := p.ask(ctx, r, nil); wrong != "" {
		return wrong
	}
	p.settled()
	return contradicts(r)
}

// alive makes sure that the gate still works.
func (p *player) alive(ctx context.Context) string {
	if wrong := p.judged(ctx, p.request(text("table.csv", harmlessText))); wrong != "" {
		return "afterwards it does not work: " + wrong
	}
	return ""
}

func nowhere(ctx context.Context, p *player) string {
	if wrong := p.ask(ctx, newRequest(p.gate, text("a", "b")), nil); wrong != "" {
		return wrong
	}
	return p.alive(ctx)
}

func anotherGate(ctx context.Context, p *player) string {
	r := p.request(text("table.csv", harmlessText))
	if wrong := p.ask(ctx, r, map[string]any{"gate": "other-gate", "api": fmt.Sprintf("/api/workspaces/%s/requests/%s/gates/other-gate", workspace, r.id)}); wrong != "" {
		return wrong
	}
	return p.alive(ctx)
}

func elsewhere(ctx context.Context, p *player) string {
	r := p.request(text("table.csv", harmlessText))
	for _, address := range []string{p.service.trap.url() + "/api/workspaces/x", strings.TrimPrefix(p.service.trap.url(), "http:"), "@" + strings.TrimPrefix(p.service.trap.url(), "http://")} {
		if _, _, err := p.deliver(ctx, "Notification", p.event(r, map[string]any{"api": address})); err != nil {
			return "it does not answer"
		}
	}
	p.settled()
	if p.service.trap.called() {
		return "it calls an address that an event names, and may send its token there"
	}
	return p.alive(ctx)
}

func malformed(ctx context.Context, p *player) string {
	r := p.request(text("table.csv", harmlessText))
	bodies := [][]byte{nil, []byte("x"), []byte("{}"), []byte("null"), []byte("[null]"), []byte(`[{"eventType":5}]`), []byte("[" + strings.Repeat("[", 10000)), {0xff, 0xfe, 0},
		eventOf("Airlock.GateRequested", "", nil), eventOf("Airlock.GateRequested", "", "text"), eventOf("Airlock.GateRequested", "", map[string]any{"request_id": 7}),
		eventOf("Microsoft.Storage.BlobCreated", "", map[string]any{"url": p.service.trap.url()}),
		p.event(r, map[string]any{"request_id": "../../operations/doctor"}), p.event(r, map[string]any{"workspace": "..%2f.."}), p.event(r, map[string]any{"gate": "a/../../b?c#d"})}
	for _, body := range bodies {
		if _, _, err := p.deliver(ctx, "Notification", body); err != nil {
			return fmt.Sprintf("it does not answer a delivery of %.40q", body)
		}
	}
	return p.alive(ctx)
}

func huge(ctx context.Context, p *player) string {
	r := p.request(text("table.csv", harmlessText))
	if _, _, err := p.deliver(ctx, "Notification", p.event(r, map[string]any{"more": strings.Repeat("x", 1<<20-4096)})); err != nil {
		return "it does not answer a delivery of 1 MiB, which Event Grid may send"
	}
	return p.alive(ctx)
}

func many(ctx context.Context, p *player) string {
	files := []file{text("-rf", "a\n"), text("--help", "b\n"), text("a b+c&d=e%20#?.csv", "c\n"), text("$(id);`id`.txt", "d\n"), text("Übersicht 測定.csv", "e\n"), text("deep/er/and/deeper/f.txt", "f\n")}
	for i := len(files); i < maxFiles; i++ {
		files = append(files, text(fmt.Sprintf("out/%s/%04d.csv", strings.Repeat("long ", 30)+"folder", i), fmt.Sprintf("n\n%d.5\n", i)))
	}
	return p.judged(ctx, p.request(files...))
}

func unhashed(ctx context.Context, p *player) string {
	f := text("big.csv", harmlessText)
	f.unhashed = true
	return p.judged(ctx, p.request(f, text("small.csv", harmlessText)))
}

func large(ctx context.Context, p *player) string {
	const size = 32 << 20
	line := []byte("0.25,0.5,0.75,harmless\n")
	return p.judged(ctx, p.request(file{name: "large.csv", bytes: bytes.Repeat(line, size/len(line))}))
}

func otherBytes(ctx context.Context, p *player) string {
	r := p.request(text("table.csv", harmlessText))
	r.files[0].lies = bytes.ToUpper(r.files[0].bytes)
	if wrong := p.ask(ctx, r, nil); wrong != "" {
		return wrong
	}
	passed := func(put put) bool { return put.v.Outcome == "passed" || put.v.Outcome == "findings" }
	if !quiet(r, 3*p.settle, passed) {
		return "storage gave it other bytes than the task's SHA-256, and it judged them as if they were the task's"
	}
	r.mu.Lock()
	r.status = "inconclusive" // so that it is left alone
	r.mu.Unlock()
	return ""
}

func changing(ctx context.Context, p *player) string {
	r := p.request(text("table.csv", harmlessText))
	r.onLink = func(r *request) { r.replace(0, []byte("region,mean\nWest,1.5\n")) }
	if wrong := p.judged(ctx, r); wrong != "" {
		return wrong
	}
	return ""
}

func storageAway(ctx context.Context, p *player) string {
	r := p.request(text("table.csv", harmlessText))
	r.trouble.reads = 1
	return p.judged(ctx, r)
}

func apiAway(ctx context.Context, p *player) string {
	r := p.request(text("table.csv", harmlessText))
	r.trouble.tasks, r.trouble.verdicts = 1, 1
	return p.judged(ctx, r)
}

func expired(ctx context.Context, p *player) string {
	r := p.request(text("table.csv", harmlessText))
	r.trouble.links = 1
	return p.judged(ctx, r)
}

func late(ctx context.Context, p *player) string {
	r := p.request(text("table.csv", harmlessText))
	r.onLink = func(r *request) { r.status, r.outcome = "inconclusive", "blocked" } // the gravest: nothing outweighs it
	if wrong := p.ask(ctx, r, nil); wrong != "" {
		return wrong
	}
	for until := time.Now().Add(3 * p.settle); time.Now().Before(until) && len(r.said()) == 0; {
		time.Sleep(20 * time.Millisecond)
	}
	p.settled()
	if n := len(r.said()); n > 3 {
		return fmt.Sprintf("it put its verdict %d times although it was told that the gate is decided", n)
	}
	return p.alive(ctx)
}
