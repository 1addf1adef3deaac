package chaos

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"example.org/airlock/localcloud/story"
)

// Case is one request with what must have become of it.
type Case struct {
	ID        string
	Story     string
	Workspace string // name
	Direction string
	Creator   string // persona
	Files     []story.File
	Want      []string // statuses it may end in
	Finds     string   // a rule by which its content gate must have found something, "" for any
	Broken    string   // the trouble of its story, "" if it held
	Where     string   // how it was disturbed, for people
	Point     string   // the crash point, "" for none
}

// Finding is something the inquest, or a story, found wrong.
type Finding struct {
	Case Case
	What string
}

// Repeat is the command that plays the case again.
func (f Finding) Repeat(seed uint64, requests, insiders int) string {
	const command = "build/localcloud chaos"
	switch {
	case f.Case.Point != "":
		return fmt.Sprintf("%s --seed %d --requests 0 --tamper=false --insiders 0 --bombs none --crash %s", command, seed, f.Case.Point)
	case strings.HasPrefix(f.Case.Where, "storm"), strings.HasPrefix(f.Case.Where, "darkness"):
		return fmt.Sprintf("%s --seed %d --requests %d --tamper=false --insiders 0 --bombs none --crash none", command, seed, requests)
	case strings.HasPrefix(f.Case.Where, "insiders"):
		return fmt.Sprintf("%s --seed %d --requests 0 --tamper=false --insiders %d --bombs none --crash none", command, seed, insiders)
	case strings.HasPrefix(f.Case.Where, "bombs"):
		return command + " --requests 0 --tamper=false --insiders 0 --crash none --bombs all"
	case strings.HasPrefix(f.Case.Where, "tampering"):
		return command + " --requests 0 --insiders 0 --bombs none --crash none"
	}
	return ""
}

// Kind is how bad it is, for the summary.
type Kind string

// The kinds of findings.
const (
	Lost  Kind = "lost"  // the request or its bytes are not there
	Wrong Kind = "wrong" // something is there that must not be, or is not as it must be
	Stuck Kind = "stuck" // it did not come to its end
)

// book collects cases from several goroutines.
type book struct {
	mu    sync.Mutex
	cases []Case
}

func (b *book) add(c Case) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cases = append(b.cases, c)
}

func (b *book) all() []Case {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.cases)
}

// caseOf is the case of a story that has been played.
func caseOf(p *story.Play, s scenario, where string, broken error) Case {
	c := Case{ID: p.ID, Story: s.name, Workspace: p.Workspace(), Direction: p.Direction(), Creator: p.Creator(),
		Files: slices.Clone(p.Files()), Want: []string{s.end}, Finds: s.finds, Where: where}
	if broken != nil {
		c.Broken = broken.Error()
	}
	return c
}
