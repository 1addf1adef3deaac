package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"time"
)

const (
	anchorType   = "application/vnd.airlock.anchor+json"
	anchorFormat = "airlock-anchor/2"
)

// log is the log of anchors, or a part of it.
type log struct {
	*report
	keys  trusted
	slots []slot // by number
	heads []head // of the genuine entries, in the order of the log
}

// slot is the content of one number of the log.
type slot struct {
	n    int
	hash string // of the stored bytes
	anchor
	fault string // why it is no entry of the log, "" for an entry
}

// anchor is one entry of the log.
type anchor struct {
	Format     string    `json:"format"`
	Seq        int       `json:"seq"`
	At         time.Time `json:"at"`
	Follows    int       `json:"follows"`
	Prev       string    `json:"prev"`
	PassedOver []struct {
		Seq    int    `json:"seq"`
		SHA256 string `json:"sha256"`
	} `json:"passedOver"`
	Heads []head `json:"heads"`
}

// head is the head of one trail when it was anchored.
type head struct {
	Trail  string `json:"trail"`
	Length int    `json:"length"`
	Hash   string `json:"hash"`
	entry  int    // which entry of the log says so
	at     time.Time
}

// read reads every item in dir and judges each by itself.
func (l *log) read(dir fs.FS) error {
	numbers, err := entriesOf(dir)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		body, err := readFile(dir, entryName(n))
		if err != nil {
			return err
		}
		s := l.readSlot(n, body)
		l.slots = append(l.slots, s)
		if s.fault != "" {
			continue
		}
		for _, h := range s.Heads {
			h.entry, h.at = n, s.At
			l.heads = append(l.heads, h)
		}
	}
	return nil
}

// readSlot says whether bytes are the entry with that number, or why not.
func (l *log) readSlot(n int, body []byte) slot {
	sum := sha256.Sum256(body)
	s := slot{n: n, hash: hex.EncodeToString(sum[:])}
	o, err := openEnvelope(body, anchorType)
	if err != nil {
		s.fault = fmt.Sprintf("anchor %d cannot be read: %v", n, err)
		return s
	}
	if _, ok := l.keys.signed(o); !ok {
		s.fault = fmt.Sprintf("anchor %d is not signed with the keys given: it was forged or edited, or another --keys is needed", n)
		return s
	}
	var a anchor
	switch err := json.Unmarshal(o.payload, &a); {
	case err != nil:
		s.fault = fmt.Sprintf("anchor %d cannot be read: its payload is no JSON", n)
	case a.Format != anchorFormat:
		s.fault = fmt.Sprintf("anchor %d has the format %q; this program knows %q", n, a.Format, anchorFormat)
	case a.Seq != n:
		s.fault = fmt.Sprintf("anchor %d says that it is number %d: entries were exchanged", n, a.Seq)
	default:
		s.anchor = a
	}
	return s
}

// checkChain walks the whole log from its beginning. An item that is no entry counts
// for nothing; it is an alarm unless a later entry passes it over.
func (l *log) checkChain() {
	before, last := l.bad, slot{}
	var odd []slot
	for _, s := range l.slots {
		if s.fault != "" {
			odd = append(odd, s)
			continue
		}
		switch {
		case s.Follows < last.n || s.Follows >= s.n:
			l.wrong("anchor %d says that it follows anchor %d, and it comes behind anchor %d", s.n, s.Follows, last.n)
		case s.Follows > last.n && l.slot(s.Follows) == nil:
			l.wrong("the log has a hole: anchor %d follows anchor %d, which is missing", s.n, s.Follows)
		case s.Prev != last.hash:
			l.wrong("anchor %d was edited or replaced: anchor %d was chained to another one", s.Follows, s.n)
		}
		if s.At.Before(last.At) {
			l.note("anchor %d is dated before the one before it; clocks of two instances may differ a little", s.n)
		}
		for _, o := range odd {
			if o.n > s.Follows {
				l.note("number %d holds no anchor of the service; anchor %d says so and passes it over", o.n, s.n)
			} else {
				l.wrong("%s", o.fault)
			}
		}
		last, odd = s, nil
	}
	for _, o := range odd {
		l.wrong("%s", o.fault)
	}
	if l.bad > before || last.n == 0 {
		return
	}
	l.ok("%s in one chain, each signed with one of the keys, the last of %s with the hash %s",
		count(l.genuine(), "anchor"), last.At.UTC().Format(time.RFC3339), short(last.hash))
	l.note("compare the last number (%d) with the container: only there can anchors missing at the end be seen", last.n)
}

func (l *log) slot(n int) *slot {
	for i := range l.slots {
		if l.slots[i].n == n {
			return &l.slots[i]
		}
	}
	return nil
}

func (l *log) genuine() (n int) {
	for _, s := range l.slots {
		if s.fault == "" {
			n++
		}
	}
	return n
}

// checkHeads follows each trail through the log: it can only grow, and a head
// that was anchored twice must be the same.
func (l *log) checkHeads() {
	before := l.bad
	type place struct {
		trail  string
		length int
	}
	known := map[place]head{}
	trails := map[string]bool{}
	for _, h := range l.heads {
		p := place{h.Trail, h.Length}
		if was, again := known[p]; again && was.Hash != h.Hash {
			l.wrong("trail %s: anchors %d and %d hold different heads for %s: the trail was rewritten", short(h.Trail), was.entry, h.entry, count(h.Length, "record"))
		}
		known[p] = h
		trails[h.Trail] = true
	}
	if l.bad == before && len(l.heads) > 0 {
		l.ok("%s of %s do not contradict each other", count(len(l.heads), "anchored head"), count(len(trails), "trail"))
	}
}
