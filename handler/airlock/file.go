package airlock

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// File is one entry of a request's manifest. Its ETags chain what was submitted
// to what was scanned, reviewed and released (design rule 4).
type File struct {
	Name string `json:"name"` // blob name: may hold slashes, blanks and any script
	Size int64  `json:"size"` // bytes
	// SHA256 is lower-case hex of the bytes in the in-progress account, "" until
	// it is known or when the file is above the policy's hash limit.
	SHA256 string `json:"sha256,omitempty"`
	// CRC64 is of the same bytes: as storage told it while they were copied, and as
	// taken with the SHA-256. The released copy is compared with it. nil above the
	// hash limit where storage does not tell.
	CRC64 *CRC64 `json:"crc64,omitempty"`

	DraftETag      string `json:"draftEtag,omitempty"`      // frozen at submit
	InProgressETag string `json:"inProgressEtag,omitempty"` // after the verified copy
	FinalETag      string `json:"finalEtag,omitempty"`      // after the verified last copy
	// FinalChecked is true once the bytes at the destination are known to be the
	// reviewed ones: by the CRC64 that storage computed of them, or read again.
	// Where there is no CRC64 to compare with, the ETag chain is the proof.
	FinalChecked bool `json:"finalChecked,omitempty"`

	// CopiedWhen is when the bytes with InProgressETag were recorded; the verdict
	// deadline counts from it.
	CopiedWhen time.Time `json:"copiedWhen,omitzero"`

	// Copy is where an interrupted copy of this file goes on.
	Copy *CopyProgress `json:"copy,omitempty"`
	// Hash is where an interrupted hashing goes on.
	Hash *HashProgress `json:"hash,omitempty"`
	// Reread is true when the bytes in the in-progress account took the place of
	// hashed ones and nobody can say who put them there: they are hashed again.
	Reread bool `json:"reread,omitempty"`
	// Verdicts are the verdicts that name this file, the newest last, also those
	// that came before the copy was recorded. At most maxVerdicts are kept.
	Verdicts []Verdict `json:"verdicts,omitempty"`
	// Rescans counts the fresh copies made to get another verdict.
	Rescans int `json:"rescans,omitempty"`
	// EarlierETags are those that the same bytes had before the last fresh copies.
	EarlierETags []string `json:"earlierEtags,omitempty"`
}

// HashProgress is the state of the SHA-256 and CRC64 of a file, computed in
// slices as it is copied.
type HashProgress struct {
	ETag   string `json:"etag"`   // of the bytes being read
	Offset int64  `json:"offset"` // bytes done
	State  []byte `json:"state"`  // crypto/sha256's own binary form
	CRC64  CRC64  `json:"crc64"`  // of the bytes done
}

// Outcome is what a malware scanner says about some bytes.
type Outcome string

// The four outcomes. Only the first opens the gate; only the second says malware.
const (
	Clean      Outcome = "clean"
	Malicious  Outcome = "malicious"
	NotScanned Outcome = "not_scanned"
	ScanError  Outcome = "error"
)

// Conclusive reports whether the outcome settles the matter.
func (o Outcome) Conclusive() bool { return o == Clean || o == Malicious }

// Verdict is one scan result, bound to the bytes by their ETag.
type Verdict struct {
	Outcome Outcome   `json:"outcome"`
	ETag    string    `json:"etag"`
	ID      string    `json:"id"` // the scanner's correlation id
	EventID string    `json:"eventId,omitempty"`
	Malware []string  `json:"malware,omitempty"`
	At      time.Time `json:"at"`
}

// maxVerdicts bounds what foreign verdicts can add to a row: the one in force and
// two that came early or late.
const maxVerdicts = 3

// AddVerdict keeps v with the file. It reports false when the same verdict is
// there already.
func (f *File) AddVerdict(v Verdict) bool {
	for _, old := range f.Verdicts {
		if old.ETag == v.ETag && old.Outcome == v.Outcome && old.ID == v.ID {
			return false
		}
	}
	f.Verdicts = append(f.Verdicts, v)
	if len(f.Verdicts) > maxVerdicts {
		f.dropVerdict()
	}
	return true
}

// maxEarlier bounds EarlierETags: a policy grants at most five fresh copies, a retry one more.
const maxEarlier = 6

// Rescanned notes that a fresh copy took the bytes' place. What was said about
// the old one counts no more, unless malware is found in it yet: see Malware. One
// that was found rather than made is read again.
func (f *File) Rescanned(fresh Copied, at time.Time) {
	f.EarlierETags = append(slices.Clone(f.EarlierETags), f.InProgressETag)
	f.EarlierETags = f.EarlierETags[max(0, len(f.EarlierETags)-maxEarlier):]
	f.Verdicts = slices.DeleteFunc(slices.Clone(f.Verdicts), func(v Verdict) bool { return v.ETag == f.InProgressETag })
	f.InProgressETag, f.CopiedWhen = fresh.ETag, at
	if !fresh.Made && (f.SHA256 != "" || f.CRC64 != nil) {
		f.Reread = true
	}
	f.Rescans++
}

// dropVerdict forgets the oldest verdict that is not about the present bytes, so
// that no flood of foreign verdicts pushes out the one that counts.
func (f *File) dropVerdict() {
	drop := slices.IndexFunc(f.Verdicts, func(v Verdict) bool { return v.ETag != f.InProgressETag && !f.condemns(v) })
	f.Verdicts = slices.Delete(slices.Clone(f.Verdicts), max(drop, 0), max(drop, 0)+1)
}

// Malware returns the verdict that found malware in the file's present bytes, and
// false when none did. A fresh copy has the bytes of the one before, so a scanner
// that was slow with that one is believed; a clean verdict must be for the copy
// that is there.
func (f File) Malware() (Verdict, bool) {
	if i := slices.IndexFunc(f.Verdicts, f.condemns); i >= 0 {
		return f.Verdicts[i], true
	}
	return Verdict{}, false
}

func (f File) condemns(v Verdict) bool {
	return v.Outcome == Malicious && v.ETag != "" && (v.ETag == f.InProgressETag || slices.Contains(f.EarlierETags, v.ETag))
}

// Concerns reports whether a verdict is about the file's present bytes.
func (f File) Concerns(v Verdict) bool {
	return v.ETag == f.InProgressETag || f.condemns(v)
}

// VerdictFor returns the verdict in force for the bytes with that ETag, and
// false when there is none. Of contradictory verdicts malicious wins, then
// clean, then the newest.
func (f File) VerdictFor(etag string) (Verdict, bool) {
	var best Verdict
	found := false
	rank := func(o Outcome) int {
		switch o {
		case Malicious:
			return 2
		case Clean:
			return 1
		}
		return 0
	}
	for _, v := range f.Verdicts {
		if etag == "" || v.ETag != etag {
			continue
		}
		if !found || rank(v.Outcome) >= rank(best.Outcome) {
			best, found = v, true
		}
	}
	return best, found
}

// Limits of a blob name that Blob Storage or safety set.
const (
	maxFileName = 1024 // characters; Blob Storage's own limit
	// maxEncodedName is what fits into x-ms-copy-source beside host, container and
	// signature: that header takes 2 KiB
	// (learn.microsoft.com/rest/api/storageservices/copy-blob).
	maxEncodedName = 1400
)

// CheckFileName returns what is wrong with a file name, "" for nothing. Names
// may hold anything a person types, but no path tricks and nothing that shows
// differently from what it is.
func CheckFileName(name string) string {
	switch {
	case name == "" || !utf8.ValidString(name):
		return "is empty or not valid UTF-8"
	case utf8.RuneCountInString(name) > maxFileName:
		return "is longer than 1,024 characters"
	case len(url.PathEscape(name)) > maxEncodedName:
		return "is too long for storage once its special characters are encoded; use a shorter name or fewer of them"
	}
	for _, segment := range strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' }) {
		if segment == "." || segment == ".." {
			return "has a '.' or '..' path segment"
		}
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return "has a control character"
		}
		// Bidirectional controls make "exe.csv" look like "csv.exe" to a reviewer.
		if r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return "has a character that reverses the direction of text"
		}
	}
	return ""
}

// Extension returns a name's extension in lower case with its dot, "" for none.
func Extension(name string) string { return strings.ToLower(path.Ext(path.Base(name))) }
