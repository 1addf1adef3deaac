package airlock

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var noon = time.Date(2031, 2, 3, 12, 0, 0, 0, time.UTC)

// gated is a request whose files lie in progress since noon, with a policy of a
// deadline of one hour and two fresh copies.
func gated(files ...File) Request {
	r := Request{Status: Submitted, ScanRequired: true, Files: files}
	for i := range r.Files {
		f := &r.Files[i]
		if f.InProgressETag == "" {
			f.InProgressETag = "1"
		}
		if f.CopiedWhen.IsZero() {
			f.CopiedWhen = noon
		}
		if f.Verdict != nil && f.Verdict.Noted.IsZero() {
			f.Verdict.Noted = noon
		}
	}
	return r
}

func clean() File       { return File{Verdict: &Verdict{Outcome: Clean, Tagged: true}} }
func unconfirmed() File { return File{Verdict: &Verdict{Outcome: Clean}} }
func infected() File    { return File{Verdict: &Verdict{Outcome: Malicious}} }
func failing(reason string, rescans int) File {
	return File{Verdict: &Verdict{Outcome: ScanError, Reason: reason}, Rescans: rescans}
}

const (
	errs     = "SAM259201: internal"
	queued   = "SAM259215: delayed"
	password = "SAM259210: password"
)

func TestTheGate(t *testing.T) {
	const hour = time.Hour
	unscanned := gated(File{})
	unscanned.ScanRequired = false
	byEvent := gated(unconfirmed())
	byEvent.ScanUnconfirmed = true
	heldUp := gated(clean())
	heldUp.AddHold(Hold{Event: "e"})
	heldMalware := gated(infected())
	heldMalware.AddHold(Hold{Event: "e"})
	for name, tt := range map[string]struct {
		r     Request
		after time.Duration
		want  GateStep
		again int
		tags  bool
	}{
		"no verdict":                              {gated(File{}), 0, GateWaits, 0, false},
		"clean, and so says the tag":              {gated(clean()), 0, GateOpens, 0, false},
		"clean says the event alone":              {gated(unconfirmed()), 0, GateWaits, 0, true},
		"which is enough where policy says so":    {byEvent, 0, GateOpens, 0, false},
		"the tag stays away":                      {gated(unconfirmed()), 3 * hour, GateWaits, 1, true},
		"one of two clean":                        {gated(clean(), File{}), 0, GateWaits, 0, false},
		"one of two malicious":                    {gated(File{}, infected()), 0, GateBlocks, 0, false},
		"scanning off":                            {unscanned, 0, GateOpens, 0, false},
		"held":                                    {heldUp, 0, GateWaits, 0, false},
		"held, and malware":                       {heldMalware, 0, GateBlocks, 0, false},
		"silence before the deadline":             {gated(File{}), hour - 1, GateWaits, 0, false},
		"silence":                                 {gated(File{}), hour, GateWaits, 1, true},
		"silence after all fresh copies":          {gated(File{Rescans: 2}), hour, GateInconclusive, 0, true},
		"an error just now":                       {gated(failing(errs, 0)), 0, GateWaits, 0, false},
		"an error some seconds ago":               {gated(failing(errs, 0)), firstPause, GateWaits, 1, true},
		"a second error just now":                 {gated(failing(errs, 1)), firstPause, GateWaits, 0, false},
		"a second error minutes ago":              {gated(failing(errs, 1)), lastPause, GateWaits, 1, true},
		"a third error":                           {gated(failing(errs, 2)), lastPause - 1, GateWaits, 0, false},
		"a third error, and nothing more":         {gated(failing(errs, 2)), lastPause, GateInconclusive, 0, true},
		"an error of an unknown code":             {gated(failing("SAM1: new", 0)), firstPause, GateWaits, 1, true},
		"an error without a code":                 {gated(failing("", 0)), firstPause, GateWaits, 1, true},
		"delayed: another copy would not help":    {gated(failing(queued, 0)), 2 * hour, GateWaits, 0, false},
		"delayed for ever":                        {gated(failing(queued, 0)), 3 * hour, GateInconclusive, 0, true},
		"a password: nothing would help":          {gated(failing(password, 0)), 0, GateInconclusive, 0, true},
		"a password, tried again by a person":     {gated(failing(password, -1)), 0, GateWaits, 1, true},
		"a password, the other file unknown":      {gated(failing(password, 0), File{}), 0, GateWaits, 0, true},
		"a password, the other file clean":        {gated(failing(password, 0), clean()), 0, GateInconclusive, 0, true},
		"a password, the other file malicious":    {gated(failing(password, 0), infected()), 0, GateBlocks, 0, false},
		"a password, the other file to be redone": {gated(failing(password, 0), failing(errs, 0)), lastPause, GateWaits, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := tt.r.Gate(DefaultPolicy(), noon.Add(tt.after))
			assert.Equal(t, tt.want, g.Step)
			assert.Len(t, g.Again, tt.again)
			assert.Equal(t, tt.tags, g.Tags, "are the tags of interest")
			if tt.want == GateWaits && tt.again == 0 && len(tt.r.Holds) == 0 && tt.r.Files[0].Verdict.kindOrPassing() != permanent {
				assert.True(t, g.Next.After(noon.Add(tt.after)), "a gate that waits knows until when: %v", g.Next)
			}
		})
	}
}

func (v *Verdict) kindOrPassing() reasonKind {
	if v == nil {
		return passing
	}
	return v.kind()
}

func TestHowAGivenUpFileIsTold(t *testing.T) {
	why := func(files ...File) string { return gated(files...).Gate(DefaultPolicy(), noon).Why }
	assert.Equal(t, "the scanner reported an error: SAM259210: password", why(failing(password, 0)))
	assert.Equal(t, "1 of 2: the scanner reported an error: SAM259210: password", why(clean(), failing(password, 0)))
}

// A scanner that errs for two minutes is asked again after that.
func TestAShortDisturbanceIsOutlived(t *testing.T) {
	for most := 1; most <= 5; most++ {
		p := DefaultPolicy()
		p.MalwareScanning.MaxRescans = most
		f, at := failing(errs, 0), noon
		f.InProgressETag, f.CopiedWhen, f.Verdict.Noted = "1", at, at
		copies := 0
		for gated(f).Gate(p, at).Step == GateWaits && at.Before(noon.Add(p.VerdictDeadline())) {
			if len(gated(f).Gate(p, at).Again) > 0 {
				copies++
				f.Rescanned(Copied{ETag: "1", Made: true}, at)
				f.Note(Verdict{Outcome: ScanError, ETag: "1", Reason: errs, Noted: at})
				if copies == most {
					assert.Greater(t, at.Sub(noon), 2*time.Minute, "the last of %d copies", most)
				}
			}
			at = at.Add(time.Second)
		}
		assert.Equal(t, most, copies)
	}
}

func TestWhatATagSays(t *testing.T) {
	overdue := noon.Add(time.Hour)
	for name, tt := range map[string]struct {
		f    File
		tag  ScanTag
		now  time.Time
		want ScanState
	}{
		"confirms a clean event":                   {unconfirmed(), ScanTag{"1", "No threats found"}, noon, ScanClean},
		"clean before any event opens nothing":     {File{}, ScanTag{"1", "No threats found"}, noon, ScanWaiting},
		"clean stands in for a lost event":         {File{}, ScanTag{"1", "No threats found"}, overdue, ScanClean},
		"clean after an error that was not waited": {failing(errs, 0), ScanTag{"1", "No threats found"}, noon, ScanWaiting},
		"clean before another fresh copy":          {failing(errs, 0), ScanTag{"1", "No threats found"}, noon.Add(firstPause), ScanClean},
		"malware before any event":                 {File{}, ScanTag{"1", "Malicious"}, noon, ScanMalicious},
		"malware against a clean event":            {unconfirmed(), ScanTag{"1", "malicious"}, noon, ScanMalicious},
		"about another blob":                       {unconfirmed(), ScanTag{"2", "No threats found"}, noon, ScanUnconfirmed},
		"no tag":                                   {unconfirmed(), ScanTag{}, noon, ScanUnconfirmed},
		"clean in other letters":                   {unconfirmed(), ScanTag{"1", "no threats found"}, noon, ScanUnconfirmed},
		"an error does not confirm":                {unconfirmed(), ScanTag{"1", "SAM259201: failed"}, noon, ScanUnconfirmed},
		"an error against a clean event":           {unconfirmed(), ScanTag{"1", "SAM259201: failed"}, noon.Add(firstPause), ScanAgain},
		"no scan at all against a clean event":     {unconfirmed(), ScanTag{"1", password}, noon.Add(firstPause), ScanGivenUp},
		"an error about another blob":              {unconfirmed(), ScanTag{"2", "SAM259201: failed"}, noon.Add(firstPause), ScanUnconfirmed},
		"an error after a confirmed verdict":       {clean(), ScanTag{"1", "SAM259201: failed"}, noon.Add(firstPause), ScanClean},
		"a reason stands in for a lost event":      {File{}, ScanTag{"1", password}, overdue, ScanGivenUp},
	} {
		t.Run(name, func(t *testing.T) {
			r := gated(tt.f)
			r.NoteTag(&r.Files[0], tt.tag, DefaultPolicy(), tt.now)
			assert.Equal(t, tt.want, r.ScanOf(r.Files[0], DefaultPolicy(), tt.now).State)
		})
	}
}

// Forged clean events, however many, do not keep a file from being scanned again.
func TestACleanEventDoesNotOutweighTheTag(t *testing.T) {
	f, at := failing(errs, 0), noon
	f.InProgressETag = "1"
	tag := ScanTag{"1", "SAM259201: failed"}
	for gated(f).ScanOf(f, DefaultPolicy(), at).State != ScanAgain {
		f.Note(Verdict{Outcome: Clean, ETag: "1", Noted: at})
		at = at.Add(time.Second)
		gated(f).NoteTag(&f, tag, DefaultPolicy(), at)
		assert.LessOrEqual(t, at, noon.Add(2*firstPause))
	}
	f.Rescanned(Copied{ETag: "2", Made: true}, at)
	_, noted := f.Note(Verdict{Outcome: Clean, ETag: "2", Noted: at})
	assert.True(t, noted, "the fresh copy has a verdict of its own")
}

// The scanner's reason outlives a forged clean event: a file that no scan can judge is not
// scanned again.
func TestTheReasonOutlivesAForgedEvent(t *testing.T) {
	f := failing(password, 0)
	f.Verdict.Outcome, f.Verdict.ETag, f.Verdict.Noted, f.InProgressETag = NotScanned, "1", noon, "1"
	f.Note(Verdict{Outcome: Clean, ETag: "1", Noted: noon.Add(time.Second)})
	assert.Equal(t, ScanUnconfirmed, gated(f).ScanOf(f, DefaultPolicy(), noon.Add(time.Second)).State)
	at := noon.Add(time.Second + firstPause)
	gated(f).NoteTag(&f, ScanTag{"1", "Not scanned"}, DefaultPolicy(), at)
	scan := gated(f).ScanOf(f, DefaultPolicy(), at)
	assert.Equal(t, ScanGivenUp, scan.State)
	assert.Contains(t, scan.Why, password)
	_, noted := f.Note(Verdict{Outcome: Clean, ETag: "1", Noted: at})
	assert.False(t, noted, "nor is it forged away again")
}

func TestHolds(t *testing.T) {
	var r Request
	assert.True(t, r.AddHold(Hold{Event: "a"}))
	assert.False(t, r.AddHold(Hold{Event: "a"}), "delivered twice")
	for i := range 10 {
		r.AddHold(Hold{Event: string(rune('b' + i))})
	}
	assert.Len(t, r.Holds, maxHolds)
	assert.False(t, r.EndHold("x"))
	for _, h := range append([]Hold{}, r.Holds...) {
		assert.True(t, r.EndHold(h.Event))
	}
	assert.Empty(t, r.Holds)
}
