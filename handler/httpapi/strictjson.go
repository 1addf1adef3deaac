package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDepth is how deep a body may nest; ours need four.
const maxDepth = 32

// unmarshalStrictly reads one JSON value. Beyond encoding/json's refusals, it
// refuses input that two readers could understand differently: bytes that are not
// UTF-8, a byte order mark, a member that is there twice (in any letter case,
// because encoding/json matches names that way), deep nesting. Members that the
// target does not know are ignored. Its errors are safe to show.
func unmarshalStrictly(data []byte, v any) error {
	if err := checkJSON(data); err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		// The library's texts name our types.
		return errors.New("a value does not fit its member")
	}
	return nil
}

func checkJSON(data []byte) error {
	switch {
	case !utf8.Valid(data):
		return errors.New("not valid UTF-8")
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return errors.New("begins with a byte order mark")
	case !json.Valid(data):
		return errors.New("not valid JSON")
	}
	return walk(json.NewDecoder(bytes.NewReader(data)))
}

// level is one object or array under way.
type level struct {
	names map[string]bool // seen so far; nil for an array
	value bool            // in an object: a value comes next, not a name
}

// walk looks at every token of a document that is known to be valid.
func walk(d *json.Decoder) error {
	d.UseNumber()
	var open []level
	for {
		token, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return errors.New("not valid JSON")
		}
		if delim, ok := token.(json.Delim); ok && (delim == ']' || delim == '}') {
			open = open[:len(open)-1]
			ended(open)
			continue
		}
		if name, ok := token.(string); ok && naming(open) {
			top := &open[len(open)-1]
			if top.names[folded(name)] {
				return errors.New("a member is there twice")
			}
			top.names[folded(name)], top.value = true, true
			continue
		}
		switch token {
		case json.Delim('{'):
			open = append(open, level{names: map[string]bool{}})
		case json.Delim('['):
			open = append(open, level{})
		default:
			ended(open)
		}
		if len(open) > maxDepth {
			return errors.New("nested too deeply")
		}
	}
}

// naming reports whether the next text is a member's name.
func naming(open []level) bool {
	return len(open) > 0 && open[len(open)-1].names != nil && !open[len(open)-1].value
}

// ended notes that a value is complete.
func ended(open []level) {
	if len(open) > 0 {
		open[len(open)-1].value = false
	}
}

// folded maps names that encoding/json takes for the same to the same text: it
// compares by Unicode's simple case folding.
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, name)
}
