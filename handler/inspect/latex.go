package inspect

import (
	"bytes"
	"regexp"
	"strings"
)

var (
	latexTable   = regexp.MustCompile(`\\begin\{(tabular[xy]?\*?|longtable|array|tblr)\}`)
	latexCommand = regexp.MustCompile(`\\[a-zA-Z]+\*?(\[[^\]]*\])?|[{}$]`)
)

// latexTables finds the tables in a LaTeX text. Each row ends with two backslashes;
// its cells are told apart by "&". Of commands only the shown text is kept.
func latexTables(b []byte, offset int64) [][]row {
	var tables [][]row
	for _, at := range latexTable.FindAllSubmatchIndex(b, 100) {
		end := bytes.Index(b[at[1]:], []byte(`\end{`+string(b[at[2]:at[3]])+`}`))
		if end < 0 {
			continue
		}
		var rows []row
		from := at[1]
		for line := range bytes.SplitSeq(b[at[1]:at[1]+end], []byte(`\\`)) {
			r := row{line: 1 + lines(b[:from+len(line)-len(bytes.TrimLeft(line, " \t\r\n"))]), offset: offset + int64(from), length: int64(len(line))}
			from += len(line) + 2
			for cell := range strings.SplitSeq(strings.ReplaceAll(string(line), `\&`, "+"), "&") {
				cell = strings.ReplaceAll(latexCommand.ReplaceAllString(strings.ReplaceAll(cell, `\%`, "%"), ""), "~", " ")
				r.cells = append(r.cells, strings.TrimSpace(cell))
			}
			if len(r.cells) > 1 {
				rows = append(rows, r)
			}
		}
		if len(rows) > 1 {
			tables = append(tables, rows)
		}
	}
	return tables
}
