package story

import (
	"fmt"
	"io"
	"strings"
)

// Printer writes stories as a timeline.
type Printer struct {
	w      io.Writer
	colour bool
}

// NewPrinter returns a printer; colour is for terminals.
func NewPrinter(w io.Writer, colour bool) *Printer { return &Printer{w, colour} }

const (
	bold  = "1"
	faint = "2"
	red   = "31"
	green = "32"
	cyan  = "36"
)

func (p *Printer) paint(colour, text string) string {
	if !p.colour || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// Title begins a story.
func (p *Printer) Title(n int, name string) {
	fmt.Fprintf(p.w, "\n%s\n", p.paint(bold, fmt.Sprintf("%d. %s", n, strings.ToUpper(name[:1])+name[1:])))
}

// Line writes one step.
func (p *Printer) Line(l Line) {
	// Padding comes before painting, or the invisible characters would count.
	fmt.Fprintf(p.w, "  %s  %s %s %s\n", p.paint(faint, fmt.Sprintf("%+6.2fs", l.At.Seconds())),
		p.paint(cyan, fmt.Sprintf("%-21s", l.Status)), fmt.Sprintf("%-12s", l.Who+":"), l.What)
}

// End closes a story with how it went.
func (p *Printer) End(err error) {
	if err != nil {
		fmt.Fprintf(p.w, "  %s %s\n", p.paint(red, "DOES NOT HOLD:"), err)
		return
	}
	fmt.Fprintf(p.w, "  %s\n", p.paint(green, "held"))
}
