package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// progress shows how far a transfer is: one line that is drawn over on a terminal, and
// elsewhere, for logs, a line per file and one each half minute.
type progress struct {
	to       io.Writer
	terminal bool
	what     string
	total    int64
	started  time.Time

	mu    sync.Mutex
	name  string
	done  int64 // bytes that are through with, sent or not
	sent  int64
	drawn time.Time
	shown bool // a line is on the screen
}

const (
	redrawEvery = 200 * time.Millisecond
	logEvery    = 30 * time.Second
)

func (a *app) progress(what string, total int64) *progress {
	now := time.Now()
	return &progress{to: a.stderr, terminal: isTerminal(a.stderr) && a.getenv("TERM") != "dumb", what: what, total: total, started: now, drawn: now}
}

// next names the file that follows.
func (p *progress) next(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.name = oneLine(name)
}

// moved counts bytes that are done; sent is false for those that needed no sending.
func (p *progress) moved(n int64, sent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	if sent {
		p.sent += n
	}
	every := logEvery
	if p.terminal {
		every = redrawEvery
	}
	if time.Since(p.drawn) < every {
		return
	}
	p.drawn = time.Now()
	if !p.terminal {
		fmt.Fprintln(p.to, p.text(0))
		return
	}
	fmt.Fprint(p.to, "\r\x1b[K"+p.text(width(p.to)-1))
	p.shown = true
}

// text is the line, at most width columns; 0 for any. The least important part goes first.
func (p *progress) text(width int) string {
	took := time.Since(p.started)
	percent := int64(100)
	if p.total > 0 {
		percent = p.done * 100 / p.total
	}
	parts := []string{fmt.Sprintf("%3d %%", percent), size(p.done) + " of " + size(p.total)}
	if seconds := took.Seconds(); p.sent > 0 && seconds > 0.5 {
		speed := float64(p.sent) / seconds
		parts = append(parts, size(int64(speed))+"/s", span(time.Duration(float64(p.total-p.done)/speed*float64(time.Second)))+" left")
	}
	line := strings.Join(parts, "  ")
	for width > 0 && len(parts) > 1 && utf8.RuneCountInString(line) > width {
		parts = parts[:len(parts)-1]
		line = strings.Join(parts, "  ")
	}
	full := p.what + " " + p.name + "  " + line
	if width == 0 || utf8.RuneCountInString(full) <= width {
		return full
	}
	return line
}

// line writes a line for good, above the one that is drawn over.
func (p *progress) line(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintln(p.to, visible(text))
}

// end removes the line.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.to, "\r\x1b[K")
		p.shown = false
	}
}
