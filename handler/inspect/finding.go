package inspect

import "strings"

// Severity says how much a finding of a rule matters.
type Severity string

// The severities, the gravest first.
const (
	High   Severity = "high"
	Medium Severity = "medium"
	Low    Severity = "low"
	Note   Severity = "note"
)

// Severities lists all, the gravest first.
func Severities() []Severity { return []Severity{High, Medium, Low, Note} }

// Confidence says whether a finding is sure to be what its rule says.
type Confidence string

// The two.
const (
	Sure     Confidence = "sure"
	Doubtful Confidence = "doubtful" // the shape fits, the meaning is a guess
)

// Place is where in a file a finding is, in numbers alone.
type Place struct {
	// Members are the ordinals of archive members, from outside in, from 0.
	Members []int `json:"members,omitempty"`
	// Part is the ordinal of a part: sheet, slide, notebook cell, page; from 1.
	Part   int   `json:"part,omitempty"`
	Line   int64 `json:"line,omitempty"`   // from 1
	Column int64 `json:"column,omitempty"` // from 1
	// Offset and Length are bytes of the file itself, so that an excerpt can be
	// read. Length is 0 where the place is inside something compressed.
	Offset int64 `json:"offset,omitempty"`
	Length int64 `json:"length,omitempty"`
}

// Finding is all that one rule found in one file with one confidence and bucket.
type Finding struct {
	Rule       string     `json:"rule"`
	Severity   Severity   `json:"severity"`
	Confidence Confidence `json:"confidence"`
	Count      int64      `json:"count"`
	// Places are the first of them, at most MaxPlaces.
	Places []Place `json:"places"`
	// Bucket is the class of the measured number, e.g. "5-7", so that a policy can
	// apply its own threshold, and another one later. A class is no value. Findings
	// of different classes stand apart.
	Bucket string `json:"bucket,omitempty"`
	// Against is the rule whose threshold the bucket is compared with, where it is another
	// one: that of a claim about small counts is that of small counts.
	Against string `json:"against,omitempty"`
	// Shape is what a thing looks like with its characters taken away, e.g.
	// "ddd ddd dddd".
	Shape string `json:"shape,omitempty"`
	// Facts are how much there is of what was found, all places together.
	Facts Facts `json:"facts,omitempty"`
}

// MaxPlaces bounds the places of one finding.
const MaxPlaces = 200

// Report holds the findings in one file.
type Report struct {
	// Type is the file's format, by its bytes: "csv", "zip", "xlsx".
	Type string `json:"type"`
	Size int64  `json:"size"`
	// Read is how many bytes were looked at: fewer than Size where the policy
	// limits it; a finding says so then.
	Read     int64     `json:"read"`
	Findings []Finding `json:"findings"` // by rule, bucket, confidence and shape
	// Ties are for Join, nil where there are none.
	Ties *Ties `json:"ties,omitempty"`
}

// Plausible reports whether a report can be one of this package: its rules are in
// the catalogue, its numbers are in bounds, and no text in it can hold data. It is
// for reports of processes that worked on hostile files.
func (r Report) Plausible() bool {
	for _, f := range r.Findings {
		rule, ok := RuleOf(f.Rule)
		_, against := RuleOf(f.Against)
		known := ok && (against || f.Against == "") && f.Severity == rule.Severity && (f.Confidence == Sure || f.Confidence == Doubtful)
		if !known || f.Count < 1 || len(f.Places) > MaxPlaces || !shapeLike(f.Shape) || !bucketLike(f.Bucket) || !f.Facts.plausible() {
			return false
		}
	}
	return len(r.Findings) <= maxFindings && r.Ties.plausible() && len(r.Type) < 20 && strings.Trim(r.Type, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// shapeLike reports whether a text is a shape: digits, letters and others stand for
// themselves no more (see shapeOf).
func shapeLike(s string) bool { return len(s) <= maxShape && strings.Trim(s, "dAax .-/@:+_") == "" }

func bucketLike(s string) bool { return len(s) <= 12 && strings.Trim(s, "0123456789-+<%") == "" }

// maxShape is how long a shape may be.
const maxShape = 40

// Worst is the gravest severity in the report, "" without findings.
func (r Report) Worst() Severity {
	for _, s := range Severities() {
		for _, f := range r.Findings {
			if f.Severity == s {
				return s
			}
		}
	}
	return ""
}
