package workflow

import (
	"slices"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
)

const (
	// recentRequests bounds the memory; a full one is emptied. An event comes within
	// seconds of its decision.
	recentRequests = 1024
	// recentEvents bounds the events known of one request.
	recentEvents = 64
	// recentFiles is how many files a request may have whose ETags are kept.
	recentFiles = 100
	// freshFor is how old a row may be that somebody goes on from without reading it again:
	// by then its events have reached other processes.
	freshFor = 2 * time.Second
)

// recent is this process's memory of the requests that it lately wrote. It spares
// reading back the process's own writes, and nothing depends on it: a request that is not in it
// is looked at. The zero value is empty.
type recent struct {
	mu sync.Mutex
	of map[airlock.RequestID]*known
}

// lastRow is a request's row as a decision of this process left it.
type lastRow struct {
	airlock.Request
	version airlock.Version
	when    time.Time
}

// known is the process's memory of one request.
type known struct {
	workspace airlock.WorkspaceID // never changes
	// left is the row as the last decision of this process left it, as long as nobody has
	// gone on from there.
	left *lastRow
	// from is the value of left when the present work began. The work begins there, or reads
	// the row later.
	from *lastRow
	// owed are the ids of events that decisions of this process sent, and whose work
	// nobody is known to have done.
	owed []string
	// done are the ids of events, and the ETags of blobs, that call for nothing any more.
	done []string
	// busy is set while somebody in this process works on the request.
	busy bool
}

// workspaceOf returns the workspace of a request, "" if it is not known.
func (r *recent) workspaceOf(id airlock.RequestID) airlock.WorkspaceID {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.of[id]; k != nil {
		return k.workspace
	}
	return ""
}

// wrote notes a decision with the ids of the events that it sent. It reports whether
// somebody should go on from it: nobody is at the request who will.
func (r *recent) wrote(at lastRow, events []string) (goOn bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.entry(at.Request)
	k.owed = latest(append(k.owed, events...), recentEvents)
	if len(events) == 0 && k.left == nil {
		return false
	}
	at.Request = at.Clone() // the caller that decided goes on using the row
	k.left = &at
	return !k.busy
}

// entry returns the memory of a request. The caller holds mu.
func (r *recent) entry(of airlock.Request) *known {
	k := r.of[of.ID]
	if k == nil {
		if r.of == nil || len(r.of) >= recentRequests {
			r.of = map[airlock.RequestID]*known{}
		}
		k = &known{workspace: of.Workspace}
		r.of[of.ID] = k
	}
	return k
}

// begin says that somebody works on a request, and returns the row that the last decision
// left, if nobody has gone on from it, and the last event owed so far.
func (r *recent) begin(id airlock.RequestID) (left *lastRow, last string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.of[id]
	if k == nil {
		return nil, ""
	}
	k.busy, k.from = true, k.left
	if n := len(k.owed); n > 0 {
		last = k.owed[n-1]
	}
	return k.left, last
}

// end says that the work has ended with a row, and whether that calls for nothing now.
// last is from begin: the work owed then has been looked at. It reports whether somebody
// should go on from a decision that was made meanwhile.
func (r *recent) end(at lastRow, idle bool, last string) (goOn bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.of[at.ID]
	if k == nil {
		return false
	}
	k.busy = false
	seen := slices.Index(k.owed, last) + 1
	switch {
	case k.left == k.from: // no decision since then; another process's may be behind it
		k.left = nil
	case k.left != nil && k.left.version == at.version:
		k.left, seen = nil, len(k.owed)
	}
	if idle {
		k.answer(k.owed[:seen])
		k.answer(etagsOf(at.Request))
		k.owed = slices.Clone(k.owed[seen:])
	}
	return k.left != nil
}

// answer notes events that call for nothing any more.
func (k *known) answer(names []string) {
	for _, name := range names {
		if !slices.Contains(k.done, name) {
			k.done = append(k.done, name)
		}
	}
	k.done = latest(k.done, recentEvents+2*recentFiles)
}

// latest is the end of a list, at most n of it.
func latest(list []string, n int) []string { return list[max(0, len(list)-n):] }

// reread says that the row is about to be read again: every decision before that is in it.
func (r *recent) reread(id airlock.RequestID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.of[id]; k != nil {
		k.left = nil
	}
}

// gaveUp says that the work has ended before it was done. Events will have it done.
func (r *recent) gaveUp(id airlock.RequestID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.of[id]; k != nil {
		k.busy, k.left = false, nil
	}
}

// answered reports whether the work that an event calls for is known to be done.
func (r *recent) answered(h airlock.Hint) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.of[h.Request]
	return k != nil && (h.Event != "" && slices.Contains(k.done, h.Event) || h.BlobETag != "" && slices.Contains(k.done, h.BlobETag))
}

// etagsOf lists the ETags that a request's row has of the blobs that the service made.
func etagsOf(r airlock.Request) []string {
	if len(r.Files) > recentFiles {
		return nil
	}
	var out []string
	for _, f := range r.Files {
		for _, etag := range []string{f.InProgressETag, f.FinalETag} {
			if etag != "" {
				out = append(out, etag)
			}
		}
	}
	return out
}
