package airlock

import "slices"

// Where a request's bytes may lie. Data is deleted by what these rules say, so
// they keep what they do not understand: a status without a stage, such as one
// that a newer version of this program wrote, may hold bytes anywhere.

// MayHold reports whether the request may have a container in a place in its present
// state. Of a request in a status that is not known, any turn's may be in use.
func (r Request) MayHold(p Place) bool {
	return r.mayHold(p.Stage) && (p.Turn == r.Place(p.Stage).Turn || !r.understood())
}

// understood reports whether these rules know the status, and the one it failed in.
func (r Request) understood() bool {
	if r.Status == Failed {
		return r.Failure != nil && r.Failure.In.Valid()
	}
	return r.Status.Valid()
}

func (r Request) mayHold(stage Stage) bool {
	switch {
	case !r.Work.DataDeleted.IsZero(), r.Archived():
		return false
	case r.Status == Cancelled, r.Status == Revoked:
		return false
	case r.Status == Failed:
		at, known := r.resumesFrom()
		return !known || stage == at
	case r.Status == Submitted && r.Recorded():
		return r.lies(stage)
	case r.Status.Moving():
		source, known := r.Source()
		destination, also := DestinationOf(r.Type, r.Status)
		return !known || !also || stage == source || stage == destination
	}
	return r.lies(stage)
}

// lies reports whether the bytes of the present status lie in a stage account.
func (r Request) lies(stage Stage) bool {
	at, known := StageOf(r.Type, r.Status)
	return !known || at == stage
}

// resumesFrom is the stage account in which a retry of a failed request finds
// the bytes.
func (r Request) resumesFrom() (stage Stage, known bool) {
	switch {
	case r.Failure == nil:
		return "", false
	case r.Failure.In == Submitted && !r.Recorded():
		return r.sourceOf(Submitted)
	}
	return StageOf(r.Type, r.Failure.In)
}

// Source is the stage account from which the bytes move in a moving status.
func (r Request) Source() (Stage, bool) { return r.sourceOf(r.Status) }

func (r Request) sourceOf(s Status) (Stage, bool) {
	if s == Submitted && r.LeavingQuarantine() {
		return StageOf(r.Type, BlockedByScan)
	}
	return SourceOf(r.Type, s)
}

// Held lists the places in which an ended request may have bytes.
func (r Request) Held() []Place {
	var held []Place
	for _, stage := range StagesOf(r.Type) {
		if r.mayHold(stage) || r.Status == Failed && !r.Archived() {
			held = append(held, r.Place(stage))
		}
	}
	return held
}

// Recorded reports whether every file is recorded in the in-progress account.
func (r Request) Recorded() bool {
	return len(r.Files) > 0 && !slices.ContainsFunc(r.Files, func(f File) bool { return f.InProgressETag == "" })
}

// Copied reports whether the request has come to the gate: every file lies in the
// in-progress account, and nothing is left to be undone where it came from.
func (r Request) Copied() bool { return r.Arrived() && !r.LeavingQuarantine() }

// Arrived reports whether every file lies verified in the in-progress account
// with its hash known (or above the hash limit).
func (r Request) Arrived() bool {
	return r.Recorded() && !slices.ContainsFunc(r.Files, r.Unread)
}

// Unread reports whether a file's bytes in the in-progress account still have to
// be read: its SHA-256 is not known and wanted, or they were not copied under our eyes.
func (r Request) Unread(f File) bool { return f.Reread || f.SHA256 == "" && f.Size <= r.HashLimit }

// Delivered reports whether every file that leaves lies checked in its final account.
func (r Request) Delivered() bool {
	moved := r.Leaving()
	return len(moved) > 0 && !slices.ContainsFunc(moved, func(f File) bool { return f.FinalETag == "" || !f.FinalChecked })
}
