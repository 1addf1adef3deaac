package airlock

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func said(o Outcome, etag string) Verdict {
	return Verdict{Outcome: o, ETag: etag, ID: etag + string(o)}
}

func TestOfContradictoryVerdictsMaliciousWins(t *testing.T) {
	type step struct {
		v     Verdict
		noted bool
	}
	delayed := Verdict{Outcome: NotScanned, ETag: "2", Reason: "SAM259215: delayed"}
	locked := Verdict{Outcome: NotScanned, ETag: "2", Reason: "SAM259210: password"}
	for name, tt := range map[string]struct {
		steps []step
		want  Outcome
	}{
		"clean, then malicious":        {[]step{{said(Clean, "2"), true}, {said(Malicious, "2"), true}}, Malicious},
		"malicious, then clean":        {[]step{{said(Malicious, "2"), true}, {said(Clean, "2"), false}}, Malicious},
		"an error, then clean":         {[]step{{said(ScanError, "2"), true}, {said(Clean, "2"), true}}, Clean},
		"clean, then an error":         {[]step{{said(Clean, "2"), true}, {said(ScanError, "2"), false}}, Clean},
		"clean twice":                  {[]step{{said(Clean, "2"), true}, {said(Clean, "2"), false}}, Clean},
		"clean for the copy before":    {[]step{{said(Clean, "1"), true}}, Clean},
		"malware in the copy before":   {[]step{{said(Malicious, "1"), true}}, Malicious},
		"malware in the draft":         {[]step{{said(Malicious, "d"), true}}, Malicious},
		"malware in the released":      {[]step{{said(Malicious, "F"), true}}, Malicious},
		"malware, letters another way": {[]step{{said(Malicious, "f"), true}}, Malicious},
		"a clean draft is no copy":     {[]step{{said(Clean, "d"), false}}, ""},
		"an error in the copy before":  {[]step{{said(ScanError, "1"), false}}, ""},
		"other bytes":                  {[]step{{said(Malicious, "9"), false}, {said(Clean, "9"), false}}, ""},
		"no ETag":                      {[]step{{said(Clean, ""), false}, {said(Malicious, ""), false}}, ""},
		"an error twice":               {[]step{{said(ScanError, "2"), true}, {said(ScanError, "2"), false}}, ScanError},
		"another kind of reason":       {[]step{{delayed, true}, {delayed, false}, {locked, true}}, NotScanned},
	} {
		t.Run(name, func(t *testing.T) {
			f := File{DraftETag: "d", InProgressETag: "2", FinalETag: "F", EarlierETags: []string{"1"}}
			for _, s := range tt.steps {
				_, noted := f.Note(s.v)
				assert.Equal(t, s.noted, noted, "%+v", s.v)
			}
			got := Outcome("")
			if f.Verdict != nil {
				got = f.Verdict.Outcome
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestWaitingBeginsWithTheFirstInconclusiveVerdict(t *testing.T) {
	at := time.Date(2031, 2, 3, 12, 0, 0, 0, time.UTC)
	f := File{InProgressETag: "1"}
	f.Note(Verdict{Outcome: ScanError, ETag: "1", Noted: at})
	replaced, noted := f.Note(Verdict{Outcome: NotScanned, ETag: "1", Noted: at.Add(time.Hour)})
	require.True(t, noted)
	assert.Equal(t, ScanError, replaced.Outcome)
	assert.Equal(t, at, f.Verdict.Noted, "or whoever can send events could put a fresh copy off for ever")
}

func TestAFreshCopyKeepsWhatIsConclusive(t *testing.T) {
	for outcome, kept := range map[Outcome]bool{Clean: true, Malicious: true, NotScanned: false, ScanError: false} {
		f := File{InProgressETag: "0"}
		f.Note(said(outcome, "0"))
		for i := range 9 {
			f.Rescanned(Copied{ETag: fmt.Sprint(i + 1), Made: true}, time.Time{})
		}
		assert.Equal(t, kept, f.Verdict != nil, outcome)
		assert.Equal(t, []string{"3", "4", "5", "6", "7", "8"}, f.EarlierETags)
		assert.Equal(t, 9, f.Rescans)
	}
}

func TestTheNameOnlyBreaksTies(t *testing.T) {
	r := Request{Files: []File{{Name: "a", InProgressETag: "1"}, {Name: "b", InProgressETag: "2"}, {Name: "c", InProgressETag: "2"}}}
	name := func(f *File) string {
		if f == nil {
			return ""
		}
		return f.Name
	}
	assert.Equal(t, "a", name(r.FileOf(Clean, "1", []string{"whatever"})))
	assert.Equal(t, "a", name(r.FileOf(Clean, "1", nil)))
	assert.Equal(t, "c", name(r.FileOf(Clean, "2", []string{"x", "c"})))
	assert.Empty(t, name(r.FileOf(Clean, "2", []string{"a"})), "clean is one of two, nobody knows which")
	assert.Equal(t, "b", name(r.FileOf(Malicious, "2", []string{"a"})), "malware is in this request")
	assert.Empty(t, name(r.FileOf(Malicious, "3", []string{"a"})))
	assert.Empty(t, name(r.FileOf(Malicious, "", []string{"a"})))
}

func TestReasonCodes(t *testing.T) {
	for reason, want := range map[string]string{
		"": "", "SAM259215: delayed": "SAM259215", "Not scanned - SAM259210": "SAM259210", "sam259210": "", "SAM": "", "XSAM1": "",
	} {
		assert.Equal(t, want, ReasonCode(reason), reason)
	}
}

// Defender's documentation says which of its reasons a scan of the same bytes would
// give again.
func TestKindsOfReasons(t *testing.T) {
	for reason, want := range map[string]reasonKind{
		"SAM259206: larger than 50 GB": permanent, "SAM259208: archive tier": permanent, "SAM259209: customer-provided key": permanent,
		"SAM259210: password": permanent, "SAM259211: nested too deeply": permanent, "SAM259215: delayed": delayed,
		"SAM259201: internal": passing, "SAM259213: busy": passing, "SAM1: new": passing, "": passing,
	} {
		assert.Equal(t, want, Verdict{Outcome: NotScanned, Reason: reason}.kind(), reason)
	}
}
