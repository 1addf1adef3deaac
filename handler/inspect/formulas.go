package inspect

import "io"

// calculated reports whether the program that wrote a workbook says that the values of its
// formulas are results. XlsxWriter and openpyxl do not calculate: they store 0 or nothing, and
// ask for a calculation when the workbook is opened (ECMA-376 part 1, 18.2.2). Excel
// keeps a chain of calculation beside them (see readBook), and LibreOffice says how it
// calculates.
func calculated(in *input, r io.Reader) (bool, error) {
	f := &calculationFeed{}
	err := in.streamQuietly(f, r)
	return f.done, err
}

type calculationFeed struct {
	scan tagScan
	done bool
}

func (f *calculationFeed) feed(_ *input, b []byte, at int64, last bool) int {
	return f.scan.feed(b, at, last, func(t *tagToken) {
		if t.kind == 'o' && t.name == "calcpr" {
			again, _ := t.attr("fullcalconload")
			f.done = again != "1" && again != "true"
		}
	})
}

// unvalued notes a formula without a stored value: whoever opens the workbook sees what nobody
// has looked at.
func (s *sheetFeed) unvalued(in *input) {
	if s.sum && !s.valued {
		in.found.note(Finding{Rule: "uncheckable.formula"}, in.at(Place{Part: s.part, Line: s.line, Column: int64(s.column)}))
	}
}
