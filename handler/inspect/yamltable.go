package inspect

import (
	"bytes"
	"strings"
)

func yamlNamed(name string) bool { return Extension(name) == ".yaml" || Extension(name) == ".yml" }

// yamlTree reads the block style of a small YAML text (YAML 1.2.2, chapter 8), with flow
// collections on one line, into the form of JSON. It is lenient: what it does not know
// (anchors, tags, block scalars) is text.
func yamlTree(b []byte, offset int64) *jsonNode {
	root := &jsonNode{kind: '?', line: 1}
	stack := []yamlLevel{{indent: -1, node: root}}
	line := int64(0)
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\n') + 1
		if n == 0 {
			n = len(b)
		}
		line++
		text := strings.TrimRight(string(b[:min(n, pieceBytes)]), "\r\n ")
		at := offset
		b, offset = b[n:], offset+int64(n)
		trimmed := strings.TrimLeft(text, " ")
		if trimmed == "" || trimmed[0] == '#' || strings.HasPrefix(trimmed, "---") || strings.HasPrefix(trimmed, "...") {
			continue
		}
		stack = yamlLine(stack, trimmed, len(text)-len(trimmed), line, at)
	}
	return root
}

// yamlLevel is a collection that is open, with the indent of its entries, and the node that
// the next deeper lines belong to. Items of a sequence may have the indent of its key.
type yamlLevel struct {
	indent int
	item   bool
	node   *jsonNode
}

// yamlLine takes a line of the block style.
func yamlLine(stack []yamlLevel, text string, indent int, line, at int64) []yamlLevel {
	rest, dash := strings.CutPrefix(text, "-")
	dash = dash && (rest == "" || rest[0] == ' ')
	for len(stack) > 1 && (stack[len(stack)-1].indent > indent || stack[len(stack)-1].indent == indent && (!dash || stack[len(stack)-1].item)) {
		stack = stack[:len(stack)-1]
	}
	parent := stack[len(stack)-1].node
	if len(stack) > maxNesting {
		return stack
	}
	if dash {
		item := &jsonNode{kind: '?', line: line, at: at}
		if !parent.entry('[', "", item) {
			return stack
		}
		stack = append(stack, yamlLevel{indent, true, item})
		trimmed := strings.TrimLeft(rest, " ")
		if trimmed == "" {
			return stack
		}
		if key, _, ok := yamlPair(trimmed); ok && key != "" {
			return yamlLine(stack, trimmed, indent+len(text)-len(trimmed), line, at)
		}
		*item = *yamlValue(trimmed, line, at)
		return stack
	}
	key, value, ok := yamlPair(text)
	if !ok {
		return stack
	}
	node := &jsonNode{kind: '?', line: line, at: at}
	if value != "" {
		node = yamlValue(value, line, at)
	}
	if parent.entry('{', key, node) {
		stack = append(stack, yamlLevel{indent, false, node})
	}
	return stack
}

// entry adds an entry to a collection of a kind; a node of an unknown one becomes one. It
// reports whether the node is one.
func (n *jsonNode) entry(kind byte, key string, item *jsonNode) bool {
	if n.kind == '?' {
		n.kind = kind
	}
	if n.kind != kind {
		return false
	}
	n.items = append(n.items, item)
	if kind == '{' {
		n.keys = append(n.keys, key)
	}
	return true
}

// yamlPair splits "key: value".
func yamlPair(text string) (key, value string, ok bool) {
	if text[0] == '{' || text[0] == '[' {
		return "", "", false
	}
	i := strings.Index(text, ": ")
	if i < 0 {
		if !strings.HasSuffix(text, ":") {
			return "", "", false
		}
		i = len(text) - 1
	}
	value = strings.TrimSpace(text[i+1:])
	if j := strings.Index(value, " #"); j >= 0 {
		value = strings.TrimSpace(value[:j])
	}
	return yamlScalar(text[:i]), value, true
}

func yamlScalar(text string) string { return strings.Trim(strings.TrimSpace(text), `"'`) }

// yamlValue reads a scalar, or a flow collection of scalars.
func yamlValue(text string, line, at int64) *jsonNode {
	open := text[0]
	if len(text) < 2 || open != '{' && open != '[' || text[len(text)-1] != open+2 {
		return &jsonNode{kind: 's', text: yamlScalar(text), line: line, at: at}
	}
	n := &jsonNode{kind: open, line: line, at: at}
	for part := range strings.SplitSeq(text[1:len(text)-1], ",") {
		part = strings.TrimSpace(part)
		key, value := "", part
		if open == '{' {
			key, value, _ = strings.Cut(part, ":")
		}
		n.entry(open, yamlScalar(key), &jsonNode{kind: 's', text: yamlScalar(value), line: line, at: at})
	}
	return n
}
