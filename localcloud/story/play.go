package story

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// Story is one story with its name.
type Story struct {
	Name string
	Play func(p *Play)
}

// Options say how a story is played.
type Options struct {
	Workspace string        // by name; "" is genomics
	Within    time.Duration // how long a status may take to come; 0 is 20 s
	// Patient people repeat a call that met a fault of the service (5xx, a broken connection, 429, a lost race) until it
	// is answered, as a good client does. Otherwise such an answer ends the story.
	Patient bool
	// Tell hears what happens, for people; nil for nobody.
	Tell func(Line)
}

// Line is one line of a story's timeline.
type Line struct {
	At     time.Duration // since the story began
	Status string        // the status that was reached, "" for none
	Who    string
	What   string
}

// Play is a story while it is played: who acts, the request it is about, and what was uploaded.
type Play struct {
	Cloud *Cloud
	ID    string // of the request in play

	ctx         context.Context
	options     Options
	workspaceID string
	began       time.Time
	direction   string // import or export
	creator     string
	files       []File
	draftLink   string
	turn        int    // whose container holds the bytes
	told        string // the last status that was told
	key         int    // counts creates
	shared      atomic.Value
	cleanups    []func()
}

// Broken is why a story did not hold.
type Broken struct{ What string }

func (b *Broken) Error() string { return b.What }

// Run plays a story to its end. The error is a *Broken when something did not hold.
func (c *Cloud) Run(ctx context.Context, s Story, o Options) (err error) {
	if o.Workspace == "" {
		o.Workspace = "genomics"
	}
	if o.Within == 0 {
		o.Within = 20 * time.Second
	}
	if o.Tell == nil {
		o.Tell = func(Line) {}
	}
	p := &Play{Cloud: c, ctx: ctx, options: o, workspaceID: c.Workspaces[o.Workspace], began: time.Now()}
	if p.workspaceID == "" {
		return fmt.Errorf("there is no workspace %q", o.Workspace)
	}
	defer func() {
		for i := len(p.cleanups) - 1; i >= 0; i-- {
			err = errors.Join(err, p.guarded(p.cleanups[i]))
		}
	}()
	return p.guarded(func() { s.Play(p) })
}

// Resume goes on with a story that was played in a cloud which has been restarted since.
func (c *Cloud) Resume(p *Play, rest func(p *Play)) error {
	p.Cloud = c
	return p.guarded(func() { rest(p) })
}

// guarded turns the end of a story that broke into its error.
func (p *Play) guarded(f func()) (err error) {
	defer func() {
		switch broken := recover().(type) {
		case nil:
		case *Broken:
			err = broken
		default:
			panic(broken)
		}
	}()
	f()
	return nil
}

// Context is the context the story is played in.
func (p *Play) Context() context.Context { return p.ctx }

// After has f called when the story is over, however it ends; the last one given goes first.
func (p *Play) After(f func()) { p.cleanups = append(p.cleanups, f) }

// Tell adds a line to the timeline.
func (p *Play) Tell(who, format string, args ...any) { p.tell("", who, format, args...) }

func (p *Play) tell(status, who, format string, args ...any) {
	p.options.Tell(Line{At: time.Since(p.began), Status: status, Who: who, What: fmt.Sprintf(format, args...)})
}

// Fail ends the story. The request's state is added, and the end of the handler's log.
func (p *Play) Fail(format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if p.ID != "" {
		what += "\n  request " + p.ID
		if r, err := p.peek(); err == nil {
			what += fmt.Sprintf(": %s (%q)\n  steps: %s", r.Status, r.Message(), strings.Join(r.Steps(), ", "))
		}
		what += p.log()
	}
	panic(&Broken{What: what})
}

func (p *Play) must(err error) {
	if err != nil {
		p.Fail("%v", err)
	}
}

// Holds ends the story unless ok.
func (p *Play) Holds(ok bool, format string, args ...any) {
	if !ok {
		p.Fail(format, args...)
	}
}

// log returns the last lines of the local cloud's log that name the request.
func (p *Play) log() string {
	const lines, width = 12, 400
	text, err := os.ReadFile(p.Cloud.LogFile)
	if err != nil {
		return ""
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, p.ID) {
			found = append(found, "    "+line[:min(len(line), width)])
		}
	}
	if len(found) == 0 {
		return ""
	}
	return "\n  log (" + p.Cloud.LogFile + "):\n" + strings.Join(found[max(0, len(found)-lines):], "\n")
}

// Direction is import or export.
func (p *Play) Direction() string { return p.direction }

// Creator is the persona who opened the request in play.
func (p *Play) Creator() string { return p.creator }

// Files are the draft's uploads.
func (p *Play) Files() []File { return p.files }

// Workspace is the workspace's name.
func (p *Play) Workspace() string { return p.options.Workspace }

// RequestID is the id of the request in play, "" before there is one; unlike the field it may be asked for from another
// goroutine.
func (p *Play) RequestID() string {
	id, _ := p.shared.Load().(string)
	return id
}

// WorkspaceID is the workspace's id.
func (p *Play) WorkspaceID() string { return p.workspaceID }
