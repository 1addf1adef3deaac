package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/itchyny/gojq"
	"golang.org/x/term"
)

var outputs = []string{"table", "json", "jsonl", "id", "none"}

func (a *app) checkOutput() error {
	if a.flags.output == "" {
		a.flags.output = first(a.getenv("AIRLOCK_OUTPUT"), a.getenv("TRECLI_OUTPUT"), "table")
	}
	if a.flags.output == "jsonc" || a.flags.output == "raw" { // of AzureTRE's program
		a.flags.output = "json"
	}
	if !slices.Contains(outputs, a.flags.output) {
		return wrongUsage("-o %s: there are %s", a.flags.output, strings.Join(outputs, ", "))
	}
	return nil
}

// result is what a command found, in all its forms.
type result struct {
	objects []json.RawMessage // as the API sent them
	list    bool              // objects are a list, even if there is one
	ids     []string
	table   table
	text    string // instead of a table, for one object
}

// show writes a result to stdout in the form that was asked for.
func (a *app) show(r result) error {
	if a.flags.jq != "" {
		return a.filter(r.json())
	}
	switch a.flags.output {
	case "none":
	case "id":
		for _, id := range r.ids {
			fmt.Fprintln(a.stdout, id)
		}
	case "json":
		return a.writeJSON(r.json())
	case "jsonl":
		for _, object := range r.objects {
			var line bytes.Buffer
			if err := json.Compact(&line, object); err != nil {
				return err
			}
			fmt.Fprintln(a.stdout, line.String())
		}
	default:
		if r.text != "" {
			fmt.Fprint(a.stdout, r.text)
			return nil
		}
		a.writeTable(r.table)
	}
	return nil
}

// json is the result as one value.
func (r result) json() json.RawMessage {
	if !r.list && len(r.objects) == 1 {
		return r.objects[0]
	}
	if len(r.objects) == 0 {
		return json.RawMessage("[]")
	}
	joined := append([]byte("["), bytes.Join(asBytes(r.objects), []byte(","))...)
	return append(joined, ']')
}

func asBytes(in []json.RawMessage) [][]byte {
	out := make([][]byte, len(in))
	for i := range in {
		out[i] = in[i]
	}
	return out
}

// writeJSON writes JSON as it came, indented on a terminal.
func (a *app) writeJSON(value json.RawMessage) error {
	var b bytes.Buffer
	write := json.Compact
	if isTerminal(a.stdout) {
		write = func(to *bytes.Buffer, from []byte) error { return json.Indent(to, from, "", "  ") }
	}
	if err := write(&b, value); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.stdout, b.String())
	return err
}

// filter applies --jq; texts are written as they are, as jq -r does.
func (a *app) filter(value json.RawMessage) error {
	query, err := gojq.Parse(a.flags.jq)
	if err != nil {
		return wrongUsage("--jq: %v", err)
	}
	var input any
	if err := json.Unmarshal(value, &input); err != nil {
		return err
	}
	for found := query.Run(input); ; {
		v, ok := found.Next()
		if !ok {
			return nil
		}
		if err, failed := v.(error); failed {
			return wrongUsage("--jq: %v", err)
		}
		if text, isText := v.(string); isText {
			fmt.Fprintln(a.stdout, text)
			continue
		}
		line, err := gojq.Marshal(v)
		if err != nil {
			return err
		}
		fmt.Fprintln(a.stdout, string(line))
	}
}

// table is rows for people. The column that gives way in narrow terminals is Elastic.
type table struct {
	head    []string
	rows    [][]string
	elastic int
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
	fmt.Fprint(a.stdout, t.aligned(width(a.stdout), a.bold()))
}

func (a *app) bold() bool {
	return !a.flags.noColor && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb"
}

// aligned lays the table out for a width.
func (t table) aligned(width int, bold bool) string {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	total := 2 * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	if over := total - width; over > 0 && len(widths) > 0 {
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

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width is a terminal's, in columns.
func width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return 80
}

// facts are the lines of one object, a name and a value each.
type facts struct{ b strings.Builder }

func (f *facts) add(name, value string) {
	if value == "" {
		return
	}
	lines := strings.Split(strings.TrimRight(visible(value), "\n"), "\n")
	fmt.Fprintf(&f.b, "%-11s %s\n", name, lines[0])
	for _, line := range lines[1:] {
		fmt.Fprintf(&f.b, "%-11s %s\n", "", line)
	}
}
