package airlock

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Outcome is a scanner's word about some bytes.
type Outcome string

// The outcomes. Only Clean opens the gate; only Malicious says malware. Unclear
// is a word that nobody knows: it is never kept as a verdict.
const (
	Clean      Outcome = "clean"
	Malicious  Outcome = "malicious"
	NotScanned Outcome = "not_scanned"
	ScanError  Outcome = "error"
	Unclear    Outcome = "unclear"
)

// Conclusive reports whether the outcome settles the matter.
func (o Outcome) Conclusive() bool { return o == Clean || o == Malicious }

// OutcomeOf reads a scanner's word, from an event or from a tag. Any spelling that
// holds "malicious" is malware. Only the exact word for clean is clean, so that no
// new or misspelt word opens the gate. A failed scan may be told by its code alone.
func OutcomeOf(word string) Outcome {
	letters := strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, word)
	switch {
	case strings.Contains(letters, "malicious"):
		return Malicious
	case word == "No threats found":
		return Clean
	case strings.HasPrefix(letters, "notscanned"):
		return NotScanned
	case letters == "error" || ReasonCode(word) != "":
		return ScanError
	}
	return Unclear
}

// Verdict is one scan result, bound to the bytes by their ETag.
type Verdict struct {
	Outcome Outcome  `json:"outcome"`
	ETag    string   `json:"etag"`
	ID      string   `json:"id"` // the scanner's correlation id; "tag" for one that was read from a tag
	Malware []string `json:"malware,omitempty"`
	// Reason says why there is no conclusive outcome, in the scanner's words. It is
	// one line of at most MaxScanReason bytes.
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at,omitzero"`    // when the scan ended, as the scanner says
	Noted  time.Time `json:"noted,omitzero"` // when the verdict came
	// Tagged is true when the scanner's tag on the blob says the same.
	Tagged bool `json:"tagged,omitempty"`
	// Displaced is the inconclusive verdict about the same copy in whose place a clean one
	// is as long as the tag does not confirm it. It has the scanner's reason, which a tag
	// need not tell.
	Displaced *Verdict `json:"displaced,omitempty"`
}

// Bounds of the texts a verdict may bring into a request's row.
const (
	MaxScanReason   = 160
	MaxMalwareNames = 3
	MaxMalwareName  = 60
)

// KeptVerdict is a verdict that is not in force, kept in a row of its own: one per
// file, ETag and outcome.
type KeptVerdict struct {
	File string `json:"file"` // the name the verdict gave
	Verdict
}

// Same reports whether two verdicts are kept in the same row.
func (k KeptVerdict) Same(other KeptVerdict) bool {
	return k.File == other.File && k.ETag == other.ETag && k.Outcome == other.Outcome
}

// reasonKind says how long a reason for the absence of a verdict lasts.
type reasonKind int

const (
	passing   reasonKind = iota // another scan may tell
	delayed                     // the scan is still to come; another one only adds to the queue
	permanent                   // no scan will ever tell
)

// reasonKinds holds the codes of Defender that are not passing. A code that is not
// listed is passing (learn.microsoft.com/azure/defender-for-cloud/understand-malware-scan-results).
var reasonKinds = map[string]reasonKind{
	"SAM259215": delayed,   // delayed by the service: "Eventually the blob will be scanned"
	"SAM259206": permanent, // larger than the scanner takes
	"SAM259208": permanent, // archive tier
	"SAM259209": permanent, // customer-provided key
	"SAM259210": permanent, // protected by a password
	"SAM259211": permanent, // nested too deeply
	"SAM259212": permanent,
}

var reasonCode = regexp.MustCompile(`\bSAM\d+`)

// ReasonCode returns the first code of the scanner in a reason, "" for none.
func ReasonCode(reason string) string { return reasonCode.FindString(reason) }

func (v Verdict) kind() reasonKind { return reasonKinds[ReasonCode(v.Reason)] }

// rank orders verdicts about the same bytes: malware wins, then clean.
func (v *Verdict) rank() int {
	switch {
	case v == nil:
		return 0
	case v.Outcome == Malicious:
		return 3
	case v.Outcome == Clean:
		return 2
	}
	return 1
}

// about reports whether a verdict is about the file's sealed bytes. A fresh copy in
// progress has the bytes of the one before. Malware counts in any copy: those in the
// draft, in quarantine and at the end are the same bytes too.
func (f File) about(o Outcome, etag string) bool {
	switch {
	case etag == "":
		return false
	case o != Malicious:
		return etag == f.InProgressETag || slices.Contains(f.EarlierETags, etag)
	}
	copies := append([]string{f.DraftETag, f.InProgressETag, f.FinalETag, f.QuarantineETag}, f.EarlierETags...)
	return slices.ContainsFunc(copies, func(copy string) bool { return strings.EqualFold(copy, etag) })
}

// Note puts a verdict in force if it says more about the sealed bytes than the one
// that is. It reports whether it did, and returns the verdict that it replaced.
//
// A conclusive verdict counts for any copy of the sealed bytes, an inconclusive one
// only for the present copy. The same word for the same copy is no news, unless it
// has another kind of reason.
func (f *File) Note(v Verdict) (replaced *Verdict, noted bool) {
	old := f.Verdict
	if !f.about(v.Outcome, v.ETag) || !v.Outcome.Conclusive() && v.ETag != f.InProgressETag {
		return nil, false
	}
	switch {
	case v.rank() < old.rank(), old.outweighs(v):
		return nil, false
	case v.rank() == old.rank() && v.Outcome == Clean && v.Tagged && !old.Tagged:
		tagged := *old
		tagged.Tagged, tagged.Displaced = true, nil
		f.Verdict = &tagged
		return nil, true
	case v.rank() == old.rank() && (v.Outcome.Conclusive() || v.Outcome == old.Outcome && v.kind() == old.kind()):
		return nil, false
	}
	if old != nil && !v.Outcome.Conclusive() { // waiting began with the first
		v.Noted = old.Noted
	}
	if old != nil && !old.Outcome.Conclusive() && v.Outcome == Clean && !v.Tagged && v.ETag == old.ETag {
		v.Displaced = old
	}
	f.Verdict = &v
	return old, true
}

// outweighs reports whether a verdict that was read from the scanner's tag says that a
// copy was not scanned, and an event without a tag says that the same copy is clean.
func (v *Verdict) outweighs(event Verdict) bool {
	return v != nil && v.Tagged && !v.Outcome.Conclusive() && event.Outcome == Clean && !event.Tagged && event.ETag == v.ETag
}

// maxEarlier bounds EarlierETags: a policy grants at most five fresh copies, a retry one
// more, or the copy in quarantine and the one before it.
const maxEarlier = 6

// Rescanned notes that a fresh copy took the bytes' place. An inconclusive verdict
// about the old copy ends with it; a conclusive one stays, for the bytes are the same.
// A copy that was found rather than made is read again; where there is nothing to
// compare it with, the verdict on the old one ends as well.
func (f *File) Rescanned(fresh Copied, at time.Time) {
	f.supersede(f.InProgressETag)
	if f.Verdict != nil && !f.Verdict.Outcome.Conclusive() {
		f.Verdict = nil
	}
	f.InProgressETag, f.CopiedWhen = fresh.ETag, at
	switch {
	case fresh.Made:
	case f.SHA256 != "" || f.CRC64 != nil:
		f.Reread = true
	default:
		f.EarlierETags, f.Verdict = nil, f.Malware()
	}
	f.Rescans++
}

// supersede notes an ETag that the file's bytes have had.
func (f *File) supersede(etag string) {
	f.EarlierETags = append(slices.Clone(f.EarlierETags), etag)
	f.EarlierETags = f.EarlierETags[max(0, len(f.EarlierETags)-maxEarlier):]
}

// Malware returns the verdict that found malware in the file's sealed bytes, nil
// when none did.
func (f File) Malware() *Verdict {
	if f.Verdict != nil && f.Verdict.Outcome == Malicious {
		return f.Verdict
	}
	return nil
}

// FileOf finds the file whose sealed bytes a verdict with an outcome and an ETag is
// about. Where several have the ETag, the names decide. It returns nil for an unknown
// ETag, and for one of several that no name tells apart unless malware is in one of them.
func (r *Request) FileOf(o Outcome, etag string, names []string) *File {
	var fits []*File
	for i := range r.Files {
		if r.Files[i].about(o, etag) {
			fits = append(fits, &r.Files[i])
		}
	}
	for _, f := range fits {
		if len(fits) == 1 || slices.Contains(names, f.Name) {
			return f
		}
	}
	if o == Malicious && len(fits) > 0 {
		return fits[0]
	}
	return nil
}
