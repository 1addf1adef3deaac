package inspect

import "slices"

// conclude says what a table is found to be, once all its rows were seen. counts
// tells which columns hold counts, and how sure that is.
func (p *profile) conclude(note func(Finding, Place), counts []Confidence) {
	if len(p.Columns) == 0 || p.Rows == 0 {
		return
	}
	rowLevel := p.rowLevel()
	if rowLevel {
		note(Finding{Rule: "sdc.row_level"}, Place{Line: p.Columns[0].First.Line})
	}
	if p.Rows > maxTableRows {
		note(Finding{Rule: "sdc.too_many_rows"}, Place{})
	}
	if !rowLevel {
		p.counted(note, counts)
	}
	if p.uniqueRows(counts, rowLevel) {
		note(Finding{Rule: "pii.unique_rows", Count: int64(p.Quasi.All.once())}, Place{Line: p.Columns[0].First.Line})
	}
	p.statistics(note, counts, rowLevel)
	p.personal(note, !rowLevel && p.ofEvents(counts))
}

// counted are the rules about counts.
func (p *profile) counted(note func(Finding, Place), counts []Confidence) {
	survival := p.survival()
	var rounded, unrounded []Place
	var few column // columns with too few counts to tell by themselves
	for i := range p.Columns {
		c := &p.Columns[i]
		if counts[i] == "" {
			continue
		}
		if survival && c.Head.is(headCount|headAtRisk) {
			p.smallCounts(note, c, "sdc.survival_steps", counts[i])
			continue
		}
		isRounded, ok := c.rounded()
		midpoints := c.Head.is(headMidpoint) || ok && isRounded && c.Sixes*20 >= c.Positive*19
		if !midpoints { // a 3 stands for 1 to 6 then
			p.smallCounts(note, c, "sdc.small_count", counts[i])
		}
		for _, at := range c.Zeros.Places {
			note(Finding{Rule: "sdc.zero_count", Confidence: counts[i]}, at)
		}
		switch {
		case counts[i] != Sure || midpoints:
		case !ok:
			few.pool(c)
		case isRounded:
			rounded = append(rounded, c.First)
		default:
			unrounded = append(unrounded, c.First)
		}
	}
	if isRounded, ok := few.rounded(); ok && !isRounded {
		unrounded = append(unrounded, few.First)
	}
	for _, at := range unrounded {
		note(Finding{Rule: "sdc.unrounded"}, at)
		if len(rounded) > 0 {
			note(Finding{Rule: "sdc.rounding_mixed"}, at)
		}
	}
}

// pool adds the counts of another column.
func (c *column) pool(other *column) {
	c.Positive, c.Fives, c.Sixes, c.Sevens = c.Positive+other.Positive, c.Fives+other.Fives, c.Sixes+other.Sixes, c.Sevens+other.Sevens
	c.Kinds[cellInt] += other.filled()
	c.Distinct.merge(other.Distinct)
	if c.First.Line == 0 {
		c.First = other.First
	}
}

// maxTableRows is OpenSAFELY's bound of a table that people can still check.
const maxTableRows = 5000

// smallCounts reports the small counts of a column by their classes.
func (p *profile) smallCounts(note func(Finding, Place), c *column, rule string, sure Confidence) {
	for i, t := range c.Small {
		for j, at := range t.Places {
			f := Finding{Rule: rule, Confidence: sure, Bucket: countBuckets[i].name}
			if j == 0 {
				f.Count = t.N - int64(len(t.Places)) + 1
			}
			note(f, at)
		}
		if t.N > 0 && len(t.Places) == 0 {
			note(Finding{Rule: rule, Confidence: sure, Bucket: countBuckets[i].name, Count: t.N}, c.First)
		}
	}
}

// statistics are rules about columns that are no counts.
func (p *profile) statistics(note func(Finding, Place), counts []Confidence, rowLevel bool) {
	counted, needs := false, Place{}
	for i := range p.Columns {
		c := &p.Columns[i]
		number := c.kind() == columnReal || c.kind() == columnCount || c.kind() == columnYear
		switch {
		case !number:
		case counts[i] != "":
			counted = true
		case c.Head.is(headMinMax):
			note(Finding{Rule: "sdc.min_max"}, c.First)
		case c.Head.is(headResidual) && p.Rows >= 10 && c.kind() == columnReal:
			note(Finding{Rule: "sdc.residuals"}, c.First)
		}
		if number && c.Head.is(headStat|headPercent) && needs.Line == 0 {
			needs = c.First
		}
	}
	if !counted && needs.Line != 0 && !rowLevel {
		note(Finding{Rule: "sdc.n_missing"}, needs)
	}
}

// survival reports whether the table is one of a survival curve.
func (p *profile) survival() bool {
	var all headerClass
	for _, c := range p.Columns {
		all |= c.Head
	}
	return all.is(headTime) && all.is(headAtRisk)
}

// rowLevel reports whether the table looks like one row a person. In an aggregate
// each combination of labels comes once; in rows of people it comes again. A table
// without labels is taken for one when it has many rows and columns.
func (p *profile) rowLevel() bool {
	const fewest = 30
	if p.Rows < fewest {
		return false
	}
	for i := range p.Columns {
		c := &p.Columns[i]
		if len(p.Columns) >= 2 && c.tellsRowsApart(p.Rows) {
			return true
		}
	}
	switch {
	case p.grouped:
		return false
	case p.namedRows():
		return true
	case p.Quasi != nil && p.Quasi.Attributes > 0 && p.Quasi.strata(p):
		return false
	}
	keys := p.Keys.count()
	if p.exact != nil {
		keys = float64(len(p.exact))
	}
	if p.Keyed*2 > p.Rows {
		return keys < 0.9*float64(p.Keyed)
	}
	numbered := p.Columns[0].Head.is(headEmpty) && p.Columns[0].numbers(p.Rows) // as R and pandas write rows
	return p.Rows >= 100 && (len(p.Columns) >= 5 || numbered && len(p.Columns) >= 4)
}

// tellsRowsApart reports whether the column is one of ids by its name and its cells.
func (c *column) tellsRowsApart(rows int64) bool {
	if !c.Head.is(headID|headNational) || rows < 30 || c.filled()*10 < rows*9 {
		return false
	}
	return c.distinct() >= 0.9*float64(c.filled())
}

// ofEvents reports whether the dates of a table are those of events that are counted: they alone
// label the rows, or these are in the order of a count.
func (p *profile) ofEvents(counts []Confidence) bool {
	labels := 0
	for i := range p.Columns {
		if p.Columns[i].kind() == columnLabel {
			labels++
		}
	}
	return slices.Contains(counts, Sure) && (labels == 1 || p.ranked)
}

// personal are the rules about personal data in columns. events is set where dates are none of births.
func (p *profile) personal(note func(Finding, Place), events bool) {
	named, few := headName, int64(3)
	if p.contacts() {
		named, few = headName|headCalled, 1
	}
	for i := range p.Columns {
		c := &p.Columns[i]
		filled := c.filled()
		if filled == 0 {
			continue
		}
		at := c.First
		if rule := c.identifier(filled, few); rule != "" {
			note(Finding{Rule: rule, Count: filled}, at)
			continue
		}
		share := func(check int) float64 { return float64(c.Passed[check]) / float64(filled) }
		different := c.distinct() / float64(filled)
		switch {
		case c.Head.is(headBirth) && share(checkDate) >= 0.5, !events && !c.Head.is(headEvent) && c.Days.births(filled, c.distinct()):
			note(Finding{Rule: "pii.dob", Count: filled}, at)
		case c.Head.is(named) && share(checkName) >= 0.6 && (different >= 0.5 || filled < 10 || c.distinct() >= 20): // first names come again
			note(Finding{Rule: "pii.name_column", Count: filled}, at)
		case c.Head.is(headGeo) && filled >= 5 && share(checkGeo) >= 0.8:
			note(Finding{Rule: "pii.geo", Count: filled}, at)
		case share(checkPhone) >= 0.8 && (filled >= 20 || c.Head.is(headPhone) && filled >= 3):
			note(Finding{Rule: "pii.phone", Count: filled}, at)
		case filled >= 30 && float64(c.Length)/float64(filled) > 40 && different > 0.8:
			note(Finding{Rule: "pii.free_text", Count: filled}, at)
		case c.tellsRowsApart(p.Rows) && c.Head.is(headID):
			note(Finding{Rule: "pii.id_column", Count: filled}, at)
		}
	}
}

// contacts reports whether the table is a list of people's contacts: a column called "name"
// with names in it stands beside one of e-mail addresses or of telephone numbers.
func (p *profile) contacts() bool {
	named, reached := false, false
	for i := range p.Columns {
		c := &p.Columns[i]
		nearly := func(check int) bool { return c.Passed[check] > 0 && int64(c.Passed[check])*5 >= c.filled()*4 }
		named = named || c.Head.is(headName|headCalled) && nearly(checkName)
		reached = reached || nearly(checkEmail) || nearly(checkPhone)
	}
	return named && reached
}

// identifier is the rule whose check digits or shape nearly all cells pass. By
// chance one number in eleven passes: a column says more than a cell, and a header
// makes few cells enough. addresses is how many e-mail addresses are.
func (c *column) identifier(filled, addresses int64) string {
	named := c.Head.is(headNational)
	enough := func(check int, fewest int64) bool {
		return filled >= fewest && float64(c.Passed[check]) >= 0.8*float64(filled) && (filled < 20 || c.distinct() >= 0.1*float64(filled))
	}
	byHeader := func(ok bool, others int64) int64 {
		if ok {
			return 1
		}
		return others
	}
	switch {
	case enough(checkCHI, byHeader(named, 10)) && (c.Passed[checkCHI] == c.Passed[checkNHS] && filled >= 5):
		return "pii.chi_number"
	case enough(checkNHS, byHeader(named, 6)):
		return "pii.nhs_number"
	case enough(checkNINO, 2):
		return "pii.nino"
	case enough(checkEmail, addresses):
		return "pii.email"
	case enough(checkIBAN, 2):
		return "pii.iban"
	case enough(checkCard, 6):
		return "pii.card"
	case enough(checkPostcode, byHeader(c.Head.is(headPostcode), 10)):
		return "pii.postcode_full"
	}
	for i := range nationalIDs {
		if enough(checkNational+i, byHeader(named, 20)) {
			return "pii.national_id"
		}
	}
	if named && c.Head.is(headNational) && filled >= 3 && c.Kinds[cellInt] == filled && c.Length >= 7*filled {
		return "pii.national_id" // numbers without a check digit, by their header
	}
	return ""
}

// codes reports whether the first column tells groups apart by numbers, though its
// name could be one of counts: "events" beside numbers of patients.
func (p *profile) codes() bool {
	c := &p.Columns[0]
	if c.Head.is(headStrong) || c.distinct() < 0.95*float64(c.filled()) {
		return false
	}
	for _, other := range p.Columns[1:] {
		if other.kind() == columnCount || other.kind() == columnReal {
			return true
		}
	}
	return false
}

// named are the columns that hold counts by their headers.
func (p *profile) named() []Confidence {
	out := make([]Confidence, len(p.Columns))
	for i := range p.Columns {
		c := &p.Columns[i]
		counted := c.Kinds[cellCounted]*2 >= c.filled() && c.Kinds[cellCounted] > 0 // beside means, in a table of characteristics
		numbering := c.numbers(p.Rows) && (p.Rows > 4 || i == 0) || i == 0 && p.codes()
		if !numbering && (c.kind() == columnCount && c.Head.counts() || counted) {
			out[i] = Sure
		}
	}
	return out
}
