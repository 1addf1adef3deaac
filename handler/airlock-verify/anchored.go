package main

import (
	"encoding/json"
	"time"
)

// anchorWithin is how long after it was written a record may not be anchored yet:
// the service anchors every few minutes.
const anchorWithin = 15 * time.Minute

// checkAnchored reports where a trail differs from its anchors: only this shows
// a trail that was cut or rewritten together with its head. A record
// that had been there for long when the trail was exported, and is in no anchor,
// was kept out of the log, or was not there.
func (t *trail) checkAnchored(l *log, exported time.Time) {
	before, anchored := l.bad, 0
	for _, h := range l.heads {
		if h.Trail != t.name() {
			continue
		}
		anchored = max(anchored, h.Length)
		hash, ok := t.at(h.Length)
		switch {
		case t.newest() < h.Length:
			l.wrong("%s: the trail was cut off: anchor %d knows %s, the trail ends at record %d", t.file, h.entry, count(h.Length, "record"), t.newest())
		case !ok || hash != h.Hash:
			l.wrong("%s: record %d, or one before it, was rewritten: anchor %d has another hash", t.file, h.Length, h.entry)
		}
	}
	late, young := 0, 0
	for _, rec := range t.Records {
		var f recordFields
		if rec.Seq <= anchored {
			continue
		}
		if json.Unmarshal([]byte(rec.Body), &f) != nil || exported.Sub(f.At) > anchorWithin {
			if late++; late == 1 {
				l.wrong("%s: record %d of %s is in no anchor although the service anchors within %d minutes: it was kept out of the log, or written later than it says",
					t.file, rec.Seq, f.At.UTC().Format(time.RFC3339), int(anchorWithin.Minutes()))
			}
			continue
		}
		young++
	}
	if l.bad == before && anchored > 0 {
		l.ok("%s: as anchored, up to record %d", t.file, anchored)
	}
	if young > 0 {
		l.note("%s: %s not anchored yet, and younger than %d minutes", t.file, count(young, "record"), int(anchorWithin.Minutes()))
	}
}
