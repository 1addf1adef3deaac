package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// table is rows for people.
type table struct {
	head     []string
	rows     [][]string
	elastic  int   // the column that gives way in narrow terminals
	optional []int // columns that are left out there, the first one first
}

func (t *table) add(cells ...string) {
	for i := range cells {
		cells[i] = oneLine(cells[i])
	}
	t.rows = append(t.rows, cells)
}

// writeTable aligns on a terminal; elsewhere cells are separated by tabs and there is
// no head, for programs.
func (a *app) writeTable(t table) {
	if !isTerminal(a.stdout) {
		for _, row := range t.rows {
			fmt.Fprintln(a.stdout, strings.Join(row, "\t"))
		}
		return
	}
	if len(t.rows) > 0 {
		fmt.Fprint(a.stdout, t.aligned(width(a.stdout), a.bold()))
	}
}

// tableOnTerminal reports whether results are tables on the screen.
func (a *app) tableOnTerminal() bool {
	return isTerminal(a.stdout) && a.flags.output == "table" && a.flags.jq == ""
}

func (a *app) bold() bool {
	return !a.flags.noColor && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb"
}

// enough is a width at which the elastic column still says something.
const enough = 24

// aligned lays the table out for a width.
func (t table) aligned(width int, bold bool) string {
	widths := t.widths()
	for over := t.over(widths, width); len(t.optional) > 0 && over > 0 && widths[t.elastic]-over < enough; over = t.over(widths, width) {
		t = t.without(t.optional[0])
		widths = t.widths()
	}
	if over := t.over(widths, width); over > 0 && len(widths) > 0 {
		widths[t.elastic] = max(widths[t.elastic]-over, 8)
	}
	var b strings.Builder
	for i, row := range append([][]string{t.head}, t.rows...) {
		line := cut(t.line(row, widths), width)
		if i == 0 && bold {
			line = "\x1b[1m" + line + "\x1b[0m"
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// widths are those of the columns, with nothing cut.
func (t table) widths() []int {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// over is how much too wide a table is.
func (t table) over(widths []int, width int) int {
	total := 2 * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	return total - width
}

// without is the table without a column, which is not the elastic one.
func (t table) without(column int) table {
	less := table{head: slices.Delete(slices.Clone(t.head), column, column+1), elastic: t.elastic}
	for _, row := range t.rows {
		less.rows = append(less.rows, slices.Delete(slices.Clone(row), column, column+1))
	}
	if less.elastic > column {
		less.elastic--
	}
	for _, o := range t.optional {
		switch {
		case o < column:
			less.optional = append(less.optional, o)
		case o > column:
			less.optional = append(less.optional, o-1)
		}
	}
	return less
}

// cut shortens a text that is wider than a number of columns.
func cut(text string, width int) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	return string(runes[:max(width-1, 0)]) + "…"
}

func (t table) line(row []string, widths []int) string {
	var b strings.Builder
	for i, cell := range row {
		cell = cut(cell, widths[i])
		b.WriteString(cell)
		if i < len(row)-1 {
			b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
	}
	return b.String()
}
