package inspect

import (
	"bytes"
	"encoding/json"
)

func init() {
	scanners["notebook"] = func() scanner { return &sequential[*notebookFeed]{To: &notebookFeed{}} }
}

// notebookKey is the meaning of a key of a notebook (nbformat 3 and 4). It stands
// for the key in the state.
type notebookKey byte

const (
	keyOther notebookKey = iota
	keyCells
	keyOutputs
	keyAttachments
	keyWidgets
	keyFormat
	keyWorksheets
)

var notebookKeys = map[string]notebookKey{"cells": keyCells, "outputs": keyOutputs, "attachments": keyAttachments, "widgets": keyWidgets, "nbformat": keyFormat, "worksheets": keyWorksheets}

// notebookFeed looks at a notebook: results of its cells, which hold data, and every
// text in it.
type notebookFeed struct {
	Scan jsonScan `json:"scan"`
	// Path is, for each open bracket, the key it stands behind; a bracket inside an
	// array has that of the array.
	Path    []notebookKey `json:"path,omitempty"`
	Last    notebookKey   `json:"last,omitempty"` // the key read last
	Cell    int           `json:"cell,omitempty"` // from 1
	Line    int64         `json:"line"`
	Format  bool          `json:"format,omitempty"` // a key nbformat was met
	Anchors anchors       `json:"anchors"`
}

func (n *notebookFeed) feed(in *input, b []byte, at int64, last bool) int {
	counted := 0
	used := n.Scan.feed(b, at, last, func(t jsonToken) {
		from := int(t.at - at)
		n.Line += lines(b[counted:from])
		counted = from
		n.token(in, t)
	})
	n.Line += lines(b[counted:used])
	if last {
		n.Anchors.end(in)
		if n.Scan.Deep || n.Scan.Rest || len(n.Scan.Stack) > 0 || !n.Format {
			in.note("uncheckable.corrupt")
		}
	}
	return used
}

func (n *notebookFeed) token(in *input, t jsonToken) {
	place := func(from, to int) Place {
		return Place{Part: n.Cell, Line: n.Line + 1, Offset: t.at + int64(from), Length: int64(to - from)}
	}
	found := func(rule string) { in.found.note(Finding{Rule: rule}, in.at(place(0, 1))) }
	switch t.kind {
	case 'k':
		n.Last = notebookKeys[plainKey(t.text)]
		n.Format = n.Format || n.Last == keyFormat
		if n.ofCell(keyAttachments) {
			found("hidden.embedded")
		}
		if n.inside(keyWidgets) {
			found("hidden.notebook_output")
		}
		n.Anchors.secrets(in, t.text, place)
	case '{', '[':
		key := n.Last
		if depth := len(n.Scan.Stack); depth >= 2 && n.Scan.Stack[depth-2] == '[' && len(n.Path) > 0 {
			key = n.Path[len(n.Path)-1]
		}
		if t.kind == '{' && n.ofCell(keyOutputs) && n.Scan.Stack[len(n.Scan.Stack)-2] == '[' {
			found("hidden.notebook_output")
		}
		if t.kind == '{' && n.inside(keyCells) && n.Scan.Stack[len(n.Scan.Stack)-2] == '[' {
			n.Cell++
		}
		n.Path, n.Last = append(n.Path, key), keyOther
	case '}', ']':
		if len(n.Path) > 0 {
			n.Path = n.Path[:len(n.Path)-1]
		}
		n.Last = keyOther
	case 's', 'r':
		n.Anchors.secrets(in, t.text, place)
		n.Anchors.personal(in, t.text, place)
	}
}

// inside reports whether the innermost bracket stands behind a key, and the bracket
// around it does not.
func (n *notebookFeed) inside(key notebookKey) bool {
	depth := len(n.Path)
	return depth > 0 && n.Path[depth-1] == key && (depth < 2 || n.Path[depth-2] != key)
}

// ofCell reports whether the innermost bracket is a cell's member of that key: cells are the notebook's, or
// those of a worksheet in nbformat 3. Tools keep members of the same names in their metadata.
func (n *notebookFeed) ofCell(key notebookKey) bool {
	path := n.Path
	if len(path) == 6 && path[1] == keyWorksheets && path[2] == keyWorksheets {
		path = path[2:]
	}
	return len(path) == 4 && path[1] == keyCells && path[2] == keyCells && path[3] == key
}

// plainKey is a key with its escapes undone: "outp\u0075ts" is read as any other. One that is longer
// than all known keys stays as it is.
func plainKey(text []byte) string {
	var key string
	if bytes.IndexByte(text, '\\') < 0 || len(text) > 100 || json.Unmarshal([]byte(`"`+string(text)+`"`), &key) != nil {
		return string(text)
	}
	return key
}
