package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

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

// result is a command's output in all its forms.
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
			fmt.Fprint(a.stdout, a.fitting(a.stdout, r.text, factsIndent))
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

// fitting is a text with its lines broken between words where they are longer than a
// terminal is wide. Elsewhere they stay as they are.
func (a *app) fitting(to io.Writer, text string, indent int) string {
	if !isTerminal(to) {
		return text
	}
	return wrapped(text, width(to), indent)
}

// factsIndent is where the values of facts begin.
const factsIndent = 12

// facts are the lines of one object, a name and a value each.
type facts struct{ b strings.Builder }

func (f *facts) add(name, value string) {
	if value == "" {
		return
	}
	lines := strings.Split(strings.TrimRight(visible(value), "\n"), "\n")
	fmt.Fprintf(&f.b, "%-*s %s\n", factsIndent-1, name, lines[0])
	for _, line := range lines[1:] {
		fmt.Fprintf(&f.b, "%-*s %s\n", factsIndent-1, "", line)
	}
}
