package inspect

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Bounds of a session that is kept until all files of its request were read.
const (
	maxClaims     = 1000 // records
	maxClaimed    = 2000 // files that they name
	maxClaimCells = 5000 // cells that they flag
)

// acroScan reads a session of ACRO (AI-SDC/ACRO at fe729ae; versions 0.4 and 1.0, written by
// finalise) token by token. What it says are claims: they are compared with the files
// (Join), shown to reviewers, and no reason to skip a rule. It is state, and holds no
// value of the file.
type acroScan struct {
	// Path has the key that led to each open container, Key the last one in the innermost.
	Path []acroKey `json:"path,omitempty"`
	Key  acroKey   `json:"key,omitempty"`

	Version bool        `json:"version,omitempty"`
	Record  *acroRecord `json:"record,omitempty"` // under way
	// Withheld is set behind the key of a record that is not to be released.
	Withheld bool         `json:"withheld,omitempty"`
	Records  int          `json:"records,omitempty"`
	Marks    []acroRecord `json:"marks,omitempty"` // records that ask for something
	Session  Session      `json:"session"`
	Files    int          `json:"files,omitempty"` // that are named, in all
	Cells    int          `json:"cells,omitempty"` // that are flagged, in all
}

// acroRecord is a record under way.
type acroRecord struct {
	At       Place      `json:"at"`
	Status   acroStatus `json:"status,omitempty"`
	Typed    bool       `json:"typed,omitempty"`
	Custom   bool       `json:"custom,omitempty"`
	Reasoned bool       `json:"reasoned,omitempty"` // its exception has a text
	Claims   bool       `json:"claims,omitempty"`   // it names files, or has an outcome
	Claim    *Claim     `json:"claim,omitempty"`
	Row      int        `json:"row,omitempty"` // of the outcome, under way
	Pair     []int      `json:"pair,omitempty"`
}

// acroStatus is ACRO's word on an output.
type acroStatus byte

const (
	acroFail acroStatus = iota + 1
	acroReview
	acroOther
)

// acroKey is a key of a session's JSON that means something.
type acroKey byte

const (
	acroUnknown acroKey = iota
	acroVersion
	acroResults
	acroStatusKey
	acroType
	acroFiles
	acroOutcome
	acroException
	acroComments
	acroProperties
	acroMitigation
	acroName
	acroSDC
	acroSummary
	acroCells
	acroSuppressed
	acroOutputs
	acroInterim
	acroThreshold // the first of the settings, which are members of the root
	acroDoF
	acroSurvival
	acroN
	acroK
	acroP
	acroZeros
	acroAny // in a pattern: any key
)

// acroKeyOf is the meaning of a key. A switch is quicker than a map, and large files have a key for each number.
func acroKeyOf(key []byte) acroKey {
	switch string(key) {
	case "version":
		return acroVersion
	case "results":
		return acroResults
	case "status":
		return acroStatusKey
	case "type":
		return acroType
	case "files":
		return acroFiles
	case "outcome":
		return acroOutcome
	case "exception":
		return acroException
	case "comments":
		return acroComments
	case "properties":
		return acroProperties
	case "mitigation":
		return acroMitigation
	case "name":
		return acroName
	case "sdc":
		return acroSDC
	case "summary":
		return acroSummary
	case "cells":
		return acroCells
	case "suppressed":
		return acroSuppressed
	case "outputs":
		return acroOutputs
	case "interim_tables":
		return acroInterim
	case "safe_threshold":
		return acroThreshold
	case "safe_dof_threshold":
		return acroDoF
	case "survival_safe_threshold":
		return acroSurvival
	case "safe_nk_n":
		return acroN
	case "safe_nk_k":
		return acroK
	case "safe_pratio_p":
		return acroP
	case "zeros_are_disclosive":
		return acroZeros
	}
	return acroUnknown
}

// heeds reports whether a token may mean something. In a container of the root that is no session's, brackets alone
// do: they lead out of it.
func (a *acroScan) heeds(kind byte) bool {
	return len(a.Path) < 2 || a.Path[1] != acroUnknown || kind == '{' || kind == '}' || kind == '[' || kind == ']'
}

// token takes a token of the file; place gives the place of a part of it.
func (a *acroScan) token(in *input, t jsonToken, place jsonPlace) {
	switch t.kind {
	case 'k':
		a.Key = acroKeyOf(t.text)
		a.named(in, t, place)
	case '{', '[':
		a.Path, a.Key = append(a.Path, a.Key), acroUnknown
		a.opened(t, place)
	case '}', ']':
		a.closed()
		if n := len(a.Path); n > 0 {
			a.Path = a.Path[:n-1]
		}
		a.Key = acroUnknown
	case 's', 'n', 'w':
		switch {
		case len(a.Path) == 1:
			a.setting(in, t, place)
		case a.Record != nil:
			a.scalar(unescaped(t.text), t.kind)
		}
	}
}

// in reports whether the innermost container is the one that these keys lead to, from
// the record on.
func (a *acroScan) in(keys ...acroKey) bool {
	const record = 3 // the root, the results, and the record
	if a.Record == nil || len(a.Path) != record+len(keys) {
		return false
	}
	for i, k := range keys {
		if k != acroAny && a.Path[record+i] != k {
			return false
		}
	}
	return true
}

// named takes a key.
func (a *acroScan) named(in *input, t jsonToken, place jsonPlace) {
	switch {
	case len(a.Path) == 2 && a.Path[1] == acroResults:
		a.Withheld = strings.Contains(strings.ToUpper(string(t.text)), "DONT_RELEASE")
	case len(a.Path) == 3 && a.Path[1] == acroOutputs && a.Key == acroInterim: // of the federated mode: raw tables
		in.found.note(Finding{Rule: "acro.do_not_release"}, in.at(place.whole(t)))
	case a.in(acroOutcome):
		c := a.Record.Claim
		c.Columns, c.ColumnLevels, a.Record.Row = c.Columns+1, levels(t.text), -1
	case a.in(acroOutcome, acroAny):
		a.Record.Row++
		c := a.Record.Claim
		c.Rows, c.RowLevels = max(c.Rows, a.Record.Row+1), levels(t.text)
	}
}

// levels is how many levels a label of pandas has: those of several are written as
// tuples.
func levels(label []byte) int {
	text := unescaped(label)
	if !strings.HasPrefix(text, "(") || !strings.HasSuffix(text, ")") {
		return 1
	}
	return 1 + strings.Count(text, ", ")
}

func (a *acroScan) opened(t jsonToken, place jsonPlace) {
	switch {
	case len(a.Path) == 3 && a.Path[0] == acroUnknown && a.Path[1] == acroResults && t.kind == '{':
		a.Record = &acroRecord{At: place.whole(t), Claim: &Claim{Withheld: a.Withheld}}
		a.Withheld = false
	case a.in(acroOutcome):
		a.Record.Claims = true
	case a.in(acroFiles, acroUnknown) && t.kind == '{':
		a.file(Named{})
	case a.in(acroFiles, acroUnknown, acroSDC, acroCells, acroAny):
		a.lastFile().Checked = true
	case a.in(acroFiles, acroUnknown, acroSDC, acroCells, acroAny, acroUnknown):
		a.Record.Pair = nil
	}
}

// file adds a file that the record names.
func (a *acroScan) file(f Named) {
	a.Record.Claims = true
	if a.Files == maxClaimed {
		a.Session.More = true
		a.Record.Claim.Files = append(a.Record.Claim.Files[:0:0], f) // one, to be written over
		return
	}
	a.Files++
	a.Record.Claim.Files = append(a.Record.Claim.Files, f)
}

func (a *acroScan) lastFile() *Named {
	files := a.Record.Claim.Files
	if len(files) == 0 {
		return &Named{} // of a state that somebody made
	}
	return &files[len(files)-1]
}

func (a *acroScan) closed() {
	switch {
	case a.in(acroFiles, acroUnknown, acroSDC, acroCells, acroAny, acroUnknown) && len(a.Record.Pair) == 2:
		f := a.lastFile()
		f.Flagged = a.flag(f.Flagged, a.Record.Pair[0], a.Record.Pair[1])
	case a.in():
		r := a.Record
		if a.Record = nil; r.Status == 0 || !r.Typed || !r.Claims {
			return
		}
		a.Records++
		r.At.Part = a.Records
		if len(a.Session.Claims) < maxClaims {
			a.Session.Claims = append(a.Session.Claims, *r.Claim)
		} else {
			a.Session.More = true
		}
		asks := r.Status == acroFail || r.Status == acroReview && r.Custom && !r.Claim.Withheld
		if r.Claim = nil; asks && len(a.Marks) < maxClaims {
			a.Marks = append(a.Marks, *r)
		}
	}
}

// flag adds a cell that is not called ok.
func (a *acroScan) flag(to [][2]int, row, column int) [][2]int {
	if a.Cells == maxClaimCells {
		a.Session.More = true
		return to
	}
	a.Cells++
	return append(to, [2]int{row, column})
}

// setting takes a member of the root.
func (a *acroScan) setting(in *input, t jsonToken, place jsonPlace) {
	a.Version = a.Version || a.Key == acroVersion
	if a.Key >= acroThreshold {
		acroAppetite(in, a.Key, unescaped(t.text), place.whole(t))
	}
}

// scalar takes a text, a number or a word of the record under way.
func (a *acroScan) scalar(text string, kind byte) {
	switch {
	case a.in():
		a.property(text, kind)
	case a.in(acroProperties) && a.Key == acroMitigation:
		a.Record.Claim.Suppressed = strings.HasPrefix(strings.ToLower(text), "suppress")
	case a.in(acroComments):
		a.Record.Claim.Withheld = a.Record.Claim.Withheld || strings.Contains(strings.ToUpper(text), "DO NOT RELEASE")
	case a.in(acroOutcome, acroAny):
		if c := a.Record.Claim; !strings.HasPrefix(strings.ToLower(text), "ok") {
			c.Flagged = a.flag(c.Flagged, a.Record.Row, c.Columns-1)
		}
	case a.in(acroFiles):
		a.file(namedFile(text))
	case a.in(acroFiles, acroUnknown) && a.Key == acroName:
		f, name := a.lastFile(), namedFile(text)
		f.Name, f.Outside = name.Name, name.Outside
	case a.in(acroFiles, acroUnknown, acroSDC, acroSummary) && a.Key == acroSuppressed:
		a.Record.Claim.Suppressed = a.Record.Claim.Suppressed || text == "true"
	case a.in(acroFiles, acroUnknown, acroSDC, acroCells, acroAny, acroUnknown):
		if n, ok := firstNumber(text); ok && len(a.Record.Pair) < 3 {
			a.Record.Pair = append(a.Record.Pair, int(min(n, maxGridCell)))
		}
	}
}

// maxGridCell bounds the numbers of rows and columns that are kept.
const maxGridCell = 1 << 20

// property takes a scalar right in a record.
func (a *acroScan) property(text string, kind byte) {
	switch a.Key {
	case acroStatusKey:
		a.Record.Status = acroOther
		switch strings.ToLower(text) {
		case "fail":
			a.Record.Status = acroFail
		case "review":
			a.Record.Status = acroReview
		}
	case acroType:
		a.Record.Typed, a.Record.Custom = true, strings.EqualFold(text, "custom")
	case acroException:
		a.Record.Reasoned = kind == 's' && strings.TrimSpace(text) != ""
	case acroOutcome:
		a.Record.Claims = true
	}
}

// end reports what the records say, and gives the session on.
func (a *acroScan) end(in *input) {
	if !a.Version || a.Records == 0 {
		return
	}
	in.note("acro.session")
	in.note("acro.discloses") // summaries of histograms hold the smallest and the largest value
	for _, r := range a.Marks {
		if r.Status == acroReview {
			in.found.note(Finding{Rule: "acro.custom"}, in.at(r.At))
			continue
		}
		in.found.note(Finding{Rule: "acro.fail"}, in.at(r.At))
		if !r.Reasoned {
			in.found.note(Finding{Rule: "acro.unexplained"}, in.at(r.At))
		}
	}
	if in.ties != nil {
		in.ties.Session = &a.Session
	}
}

// namedFile takes the name of a file that a record has. ACRO writes all files beside its
// records.
func namedFile(name string) Named {
	return Named{Name: nameHash(name), Outside: name == "" || strings.ContainsAny(name, `/\`) || name == ".."}
}

// nameHash stands for a file's name: names may hold data.
func nameHash(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

// acroAppetite looks at one member of a session's settings. What has a threshold here is
// judged by that; the others are compared with ACRO's defaults.
func acroAppetite(in *input, key acroKey, text string, at Place) {
	n, isNumber := numberOf(text)
	against := map[acroKey]string{acroThreshold: "sdc.small_count", acroDoF: "sdc.dof", acroSurvival: "sdc.survival_steps"}[key]
	looser := key == acroN && n < 2 || key == acroK && n > 0.9 || key == acroP && n < 0.1
	switch {
	case against != "" && isNumber:
		if bucket := bucketOf(int64(n)); bucket != "" {
			in.found.note(Finding{Rule: "acro.appetite", Bucket: bucket, Against: against}, in.at(at))
		}
	case looser && isNumber:
		in.found.note(Finding{Rule: "acro.appetite"}, in.at(at))
	case key == acroZeros && strings.EqualFold(text, "false"):
		in.found.note(Finding{Rule: "acro.appetite", Against: "sdc.zero_count"}, in.at(at))
	}
}
