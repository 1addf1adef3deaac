package airlock

import (
	"slices"
	"time"
)

// A request that was blocked because nobody could say anything about its files, and in
// which nobody found malware, may be tried again. Its bytes come back from quarantine by
// the way they went there, and are scanned anew. Until the quarantine is empty again the
// request has not come back: it might have to go there once more.

// MalwareFound reports whether malware was found in a file's sealed bytes.
func (r Request) MalwareFound() bool {
	return slices.ContainsFunc(r.Files, func(f File) bool { return f.Malware() != nil })
}

// LeavingQuarantine reports whether the request's bytes are on their way back from quarantine.
func (r Request) LeavingQuarantine() bool {
	return slices.ContainsFunc(r.Files, func(f File) bool { return f.QuarantineETag != "" })
}

// BringBack sends the files of a blocked request on their way back. Their verdicts end;
// their hashes and checksums stay, to compare the bytes with.
func (r *Request) BringBack() {
	r.BlockReason = ""
	for i := range r.Files {
		f := &r.Files[i]
		f.supersede(f.InProgressETag)
		f.uncopied()
		f.QuarantineETag, f.FinalETag, f.FinalChecked = f.FinalETag, "", false
		f.Verdict, f.Rescans = nil, 0
	}
}

// LeftQuarantine ends the way back.
func (r *Request) LeftQuarantine() {
	for i := range r.Files {
		f := &r.Files[i]
		f.supersede(f.QuarantineETag)
		f.QuarantineETag = ""
	}
}

// SourceETag is the ETag of a file's bytes where they lie before they are copied to the
// in-progress account: in the draft, or in quarantine.
func (f File) SourceETag() string {
	if f.QuarantineETag != "" {
		return f.QuarantineETag
	}
	return f.DraftETag
}

// Uncopied forgets a file's copy in the in-progress account, which is given up. The facts
// about the bytes where they came from stay, and so does malware in any copy: the trail
// has it, and a retry copies the same bytes.
func (f *File) Uncopied() {
	f.uncopied()
	if f.Verdict = f.Malware(); f.QuarantineETag == "" {
		f.SHA256, f.CRC64, f.EarlierETags = "", nil, nil
	}
}

// uncopied forgets how far the file's copy in the in-progress account had come.
func (f *File) uncopied() {
	f.InProgressETag, f.CopiedWhen, f.Copy, f.Hash, f.Reread = "", time.Time{}, nil, nil, false
}
