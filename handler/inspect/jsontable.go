package inspect

import (
	"slices"
	"strconv"
	"strings"
)

// jsonNode is a value of a small JSON text.
type jsonNode struct {
	kind  byte // '{', '[', or that of a scalar
	text  string
	keys  []string
	items []*jsonNode
	line  int64
	at    int64
}

// jsonTree reads a small JSON text as a whole, nil where there is none.
func jsonTree(b []byte) *jsonNode {
	var roots []*jsonNode
	var stack []*jsonNode
	key, line, counted := "", int64(1), 0
	var scan jsonScan
	scan.feed(b, 0, true, func(t jsonToken) {
		line += lines(b[counted:t.at])
		counted = int(t.at)
		switch t.kind {
		case 'k':
			key = unescaped(t.text)
		case 'r': // the first piece says enough
		case '}', ']':
			if len(stack) > 0 {
				stack = stack[:len(stack)-1]
			}
		default:
			n := &jsonNode{kind: t.kind, text: unescaped(t.text), line: line, at: t.at}
			if len(stack) > 0 {
				parent := stack[len(stack)-1]
				parent.items = append(parent.items, n)
				if parent.kind == '{' {
					parent.keys = append(parent.keys, key)
				}
			} else {
				roots = append(roots, n)
			}
			if t.kind == '{' || t.kind == '[' {
				stack = append(stack, n)
			}
		}
	})
	switch len(roots) {
	case 0:
		return nil
	case 1:
		return roots[0]
	}
	return &jsonNode{kind: '[', items: roots, line: 1} // one document a line
}

// unescaped resolves the escapes of a JSON string.
func unescaped(b []byte) string {
	if !strings.Contains(string(b), `\`) {
		return string(b)
	}
	text, err := strconv.Unquote(`"` + strings.NewReplacer(`\/`, "/", "\n", `\n`, "\r", `\r`).Replace(string(b)) + `"`)
	if err != nil {
		return string(b)
	}
	return text
}

// scalar reports whether the value holds no others; '?' is one of YAML that nothing followed.
func (n *jsonNode) scalar() bool { return n.kind != '{' && n.kind != '[' }

// cellText is a scalar as a table would write it.
func (n *jsonNode) cellText() string {
	if !n.scalar() || n.kind == 'w' && (n.text == "null" || n.text == "NaN") {
		return ""
	}
	return n.text
}

// get is the value of a key, nil without it.
func (n *jsonNode) get(key string) *jsonNode {
	if n == nil {
		return nil
	}
	if i := slices.Index(n.keys, key); i >= 0 && i < len(n.items) {
		return n.items[i]
	}
	return nil
}

// jsonTables finds the tables in a JSON text: arrays of objects, arrays of
// arrays beside their columns, and objects of columns.
func jsonTables(root *jsonNode) [][]row {
	if root == nil {
		return nil
	}
	var tables [][]row
	type named struct {
		*jsonNode
		key string
	}
	queue := []named{{root, ""}}
	for len(queue) > 0 {
		n, key := queue[0].jsonNode, queue[0].key
		queue = queue[1:]
		table := recordTable(n)
		if table == nil {
			table = splitTable(n)
		}
		if table == nil {
			table = columnTable(n)
		}
		if table == nil {
			table = labelTable(n, key)
		}
		if table != nil {
			tables = append(tables, table)
			continue
		}
		for i, item := range n.items {
			if !item.scalar() {
				key := ""
				if i < len(n.keys) {
					key = n.keys[i]
				}
				queue = append(queue, named{item, key})
			}
		}
	}
	return tables
}

// labelTable is an object of numbers by their labels, under a key that names them as counts.
func labelTable(n *jsonNode, key string) []row {
	if n.kind != '{' || len(n.items) < 2 || len(n.items) != len(n.keys) || !classOf(key).counts() || strings.HasSuffix(strings.ToLower(key), "size") {
		return nil
	}
	rows := []row{{cells: []string{"", key}, line: n.line, offset: n.at}}
	for i, item := range n.items {
		if !item.scalar() || classOf(n.keys[i]).is(headVeto) { // settings
			return nil
		}
		rows = append(rows, row{cells: []string{n.keys[i], item.cellText()}, line: item.line, offset: item.at, length: 1})
	}
	return rows
}

// recordTable is an array of objects.
func recordTable(n *jsonNode) []row {
	if n.kind != '[' || len(n.items) < 2 {
		return nil
	}
	var columns []string
	for _, item := range n.items {
		if item.kind != '{' {
			return nil
		}
		for i, key := range item.keys {
			if i < len(item.items) && item.items[i].scalar() && len(columns) < 500 && !slices.Contains(columns, key) {
				columns = append(columns, key)
			}
		}
	}
	if len(columns) == 0 || len(columns) == 1 && classOf(columns[0])&(headNational|headName|headBirth|headCount) == 0 { // one by itself has to say what it is
		return nil
	}
	rows := []row{{cells: columns, line: n.line, offset: n.at}}
	for _, item := range n.items {
		r := row{cells: make([]string, len(columns)), line: item.line, offset: item.at, length: 1}
		for i, key := range item.keys {
			if c := slices.Index(columns, key); c >= 0 && i < len(item.items) {
				r.cells[c] = item.items[i].cellText()
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// splitTable is an object of columns and data, as pandas writes it.
func splitTable(n *jsonNode) []row {
	columns, data := n.get("columns"), n.get("data")
	if columns == nil || data == nil || columns.kind != '[' || data.kind != '[' || len(data.items) == 0 {
		return nil
	}
	head := row{line: n.line, offset: n.at, cells: []string{""}}
	for _, c := range columns.items {
		head.cells = append(head.cells, c.cellText())
	}
	rows := []row{head}
	index := n.get("index")
	for i, item := range data.items {
		r := row{cells: []string{""}, line: item.line, offset: item.at, length: 1}
		if index != nil && i < len(index.items) {
			r.cells[0] = index.items[i].cellText()
		}
		for _, v := range item.items {
			r.cells = append(r.cells, v.cellText())
		}
		rows = append(rows, r)
	}
	return rows
}

// columnTable is an object of columns that are objects, or arrays, of equal length.
func columnTable(n *jsonNode) []row {
	if n.kind != '{' || len(n.items) < 2 || len(n.items) != len(n.keys) || len(n.items) > 500 {
		return nil
	}
	first := n.items[0]
	for _, item := range n.items {
		if item.scalar() || item.kind != first.kind || !slices.Equal(item.keys, first.keys) || len(item.items) != len(first.items) || len(item.items) < 2 {
			return nil
		}
		for _, v := range item.items {
			if !v.scalar() {
				return nil
			}
		}
	}
	rows := []row{{cells: append([]string{""}, n.keys...), line: n.line, offset: n.at}}
	for i := range first.items {
		r := row{cells: []string{strconv.Itoa(i)}, line: first.items[i].line, offset: first.items[i].at, length: 1}
		if first.kind == '{' && i < len(first.keys) {
			r.cells[0] = first.keys[i]
		}
		for _, item := range n.items {
			r.cells = append(r.cells, item.items[i].cellText())
		}
		rows = append(rows, r)
	}
	return rows
}
