package inspect

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"
)

// Part is one file of a request, as Join sees it.
type Part struct {
	Name string
	// SHA256 is lower-case hex, "" where nobody knows it.
	SHA256 string
	// Supporting is set for a file that is never released.
	Supporting bool
	Report     Report
}

// Join returns the reports of all files of a request, in their order, with the findings that
// only all of them tell together: whether they are the ones that an ACRO session speaks
// of. Equal parts give equal reports; those given are not changed.
func Join(parts []Part) []Report {
	j := &join{parts: parts, found: make([]collector, len(parts)), listed: make([]bool, len(parts)), places: map[string]int{}}
	for i, p := range parts {
		j.places[p.Name] = i
		j.found[i].Findings = cloneFindings(p.Report.Findings)
		for _, f := range p.Report.Findings {
			j.found[i].Places += len(f.Places)
		}
	}
	sessions := false
	for i, p := range parts {
		if p.Supporting { // nobody means to release it
			j.found[i].drop("acro.discloses", "acro.do_not_release")
		}
		if p.Report.Ties != nil && p.Report.Ties.Session != nil {
			sessions = true
			j.session(i)
		}
	}
	if sessions {
		j.unlisted()
	}
	out := make([]Report, len(parts))
	for i, p := range parts {
		out[i] = p.Report
		out[i].Findings = j.found[i].sorted()
	}
	return out
}

func cloneFindings(from []Finding) []Finding {
	out := make([]Finding, len(from))
	for i, f := range from {
		f.Places = append([]Place{}, f.Places...)
		out[i] = f
	}
	return out
}

// join is a Join under way.
type join struct {
	parts  []Part
	found  []collector
	places map[string]int // parts by name
	// listed are the parts that a session names or consists of.
	listed []bool
	more   bool // a session has more claims than are kept
}

// session compares the files with one session, whose records are a part.
func (j *join) session(records int) {
	s := j.parts[records].Report.Ties.Session
	dir := path.Dir(j.parts[records].Name)
	if s.More { // what it does not tell any more cannot be compared
		j.more = true
		j.found[records].note(Finding{Rule: "uncheckable.size"}, Place{})
	}
	j.listed[records] = true
	if i, ok := j.places[path.Join(dir, "config.json")]; ok {
		j.listed[i] = true
	}
	sums := j.checksums(records, dir)
	names := j.names(records, dir)
	j.checksum(records, records, sums)
	for n, claim := range s.Claims {
		for _, named := range claim.Files {
			i, ok := names[named.Name]
			if !ok || named.Outside {
				j.found[records].note(Finding{Rule: "acro.missing"}, Place{Part: n + 1})
				continue
			}
			if claim.Withheld && !j.parts[i].Supporting && !j.found[i].has("acro.do_not_release") {
				j.found[i].note(Finding{Rule: "acro.do_not_release"}, Place{})
			}
			if !j.listed[i] {
				j.listed[i] = true
				j.checksum(i, records, sums)
			}
			j.contradict(i, claim, named)
		}
	}
}

// names are the files that a session can name, by the hashes of their names: those beside
// its records, and where these are supporting files, those that are to be released.
func (j *join) names(records int, dir string) map[string]int {
	out := map[string]int{}
	for i, p := range j.parts {
		if j.parts[records].Supporting && !p.Supporting {
			out[nameHash(path.Base(p.Name))] = i
		}
	}
	for i, p := range j.parts {
		if path.Dir(p.Name) == dir {
			out[nameHash(path.Base(p.Name))] = i
		}
	}
	return out
}

// checksums are the files of checksums of a session, by the names of the files that they are
// about. They belong to the session.
func (j *join) checksums(records int, dir string) map[string]int {
	const longest = sha256.Size*2 + 2 // with a line's end
	out := map[string]int{}
	claimed := map[string]bool{}
	for _, c := range j.parts[records].Report.Ties.Session.Claims {
		for _, named := range c.Files {
			claimed[named.Name] = true
		}
	}
	for i, p := range j.parts {
		of, ok := strings.CutSuffix(path.Base(p.Name), ".txt")
		if !ok || path.Dir(p.Name) != path.Join(dir, "checksums") {
			continue
		}
		_, here := j.places[path.Join(dir, of)]
		out[of] = i
		if p.Report.Size <= longest && (here || claimed[nameHash(of)]) { // nothing else hides there
			j.listed[i] = true
		}
	}
	return out
}

// checksum compares a file with the checksum that its session has of it. Both lie beside each
// other, so that equality proves nothing; a difference does.
func (j *join) checksum(i, records int, sums map[string]int) {
	if len(sums) == 0 { // said once, of the session
		if i == records {
			j.found[i].note(Finding{Rule: "acro.checksum"}, Place{})
		}
		return
	}
	sum, ok := sums[path.Base(j.parts[i].Name)]
	if !ok {
		j.found[i].note(Finding{Rule: "acro.checksum"}, Place{})
		return
	}
	file, check := j.parts[i].SHA256, j.parts[sum].SHA256
	if file == "" || check == "" { // above the limit up to which files are hashed
		j.found[i].note(Finding{Rule: "acro.checksum", Confidence: Doubtful}, Place{})
		return
	}
	for _, end := range []string{"", "\n", "\r\n"} {
		if hashed(file+end) == check || hashed(strings.ToUpper(file)+end) == check {
			return
		}
	}
	j.found[i].note(Finding{Rule: "acro.checksum"}, Place{})
}

// hashed is the SHA-256 of a text. A file of a checksum is known by its own checksum, so that
// its text need not be kept.
func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// contradict compares the small counts in a file with the cells that its record flags.
func (j *join) contradict(i int, c Claim, named Named) {
	ties := j.parts[i].Report.Ties
	if ties == nil || ties.Table == nil {
		return
	}
	head, labels, ok := ties.Table.Head, ties.Table.Labels, named.Checked
	flagged := append(append([][2]int{}, c.Flagged...), named.Flagged...)
	if len(c.Files) == 1 && c.Rows > 0 {
		if head, labels, ok = ties.Table.fits(c); !ok && !c.Suppressed { // ACRO leaves out rows that it empties
			j.found[i].note(Finding{Rule: "acro.contradiction"}, Place{})
		}
	}
	if !ok {
		return
	}
	cells := map[[2]int]bool{}
	for _, cell := range flagged {
		cells[cell] = true
	}
	for _, f := range j.parts[i].Report.Findings {
		if f.Rule != "sdc.small_count" || f.Confidence != Sure {
			continue
		}
		for _, at := range f.Places {
			cell := [2]int{int(at.Line - head - 1), int(at.Column) - labels - 1}
			if cell[0] >= 0 && cell[1] >= 0 && (!cells[cell] || c.Suppressed) {
				j.found[i].note(Finding{Rule: "acro.contradiction", Bucket: f.Bucket, Against: f.Rule}, at)
			}
		}
	}
}

// fits reports whether a table has the rows and columns of a claim, and where they begin.
// pandas writes a line for each level of the columns, and one more for the names of the rows
// where there are several, and a column for each level of the rows. A label may look as if
// it had levels.
func (t *Table) fits(c Claim) (head int64, labels int, ok bool) {
	for _, levels := range []int{c.ColumnLevels, 1} {
		if head = int64(levels); levels > 1 {
			head++
		}
		for _, labels = range []int{c.RowLevels, 1} {
			if t.Lines == head+int64(c.Rows) && t.Columns == labels+c.Columns {
				return head, labels, true
			}
		}
	}
	return 0, 0, false
}

// unlisted reports the files that no session names. Those that are not to be released by
// their names have their finding.
func (j *join) unlisted() {
	for i, p := range j.parts {
		if !j.listed[i] && !p.Supporting && !j.found[i].has("acro.do_not_release") {
			f := Finding{Rule: "acro.unlisted"}
			if j.more {
				f.Confidence = Doubtful
			}
			j.found[i].note(f, Place{})
		}
	}
}
