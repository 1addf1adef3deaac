package events

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// loose is a JSON value of any kind, or several where a member is repeated.
type loose json.RawMessage

// UnmarshalJSON keeps the value as it stands, behind those of the same name.
func (l *loose) UnmarshalJSON(raw []byte) error {
	*l = slices.Concat(*l, []byte(" "), raw)
	return nil
}

// object returns the value if it is an object, the first of a list of objects, or
// an object that was put into a text; else an empty object.
func (l loose) object() []byte {
	value := structured(json.RawMessage(l))
	var list []json.RawMessage
	if len(value) > 0 && value[0] == '[' && json.Unmarshal(value, &list) == nil && len(list) > 0 {
		value = structured(list[0])
	}
	if len(value) == 0 || value[0] != '{' {
		return []byte("{}")
	}
	return value
}

// only returns the value if it is one text, else "".
func (l loose) only() string {
	var text string
	if json.Unmarshal(l, &text) != nil {
		return ""
	}
	return text
}

// text returns the texts and numbers in the value, one after the other.
func (l loose) text() string { return strings.Join(l.texts(), " ") }

// maxTexts bounds how many texts of one value are looked at.
const maxTexts = 32

// texts returns the texts and numbers in the value, in the order in which they
// stand; of objects the members' values only.
func (l loose) texts() []string {
	var out []string
	d := json.NewDecoder(bytes.NewReader(l))
	d.UseNumber()
	var inObject []bool // for every open bracket
	name := false       // the next text is a member's name
	for len(out) < maxTexts {
		token, err := d.Token()
		if err != nil {
			return out
		}
		isName := name
		name = len(inObject) > 0 && inObject[len(inObject)-1] && !isName
		switch t := token.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				inObject = append(inObject, t == '{')
			} else {
				inObject = inObject[:len(inObject)-1]
			}
			name = len(inObject) > 0 && inObject[len(inObject)-1]
		case string:
			if !isName {
				out = append(out, t)
			}
		case json.Number:
			out = append(out, t.String())
		}
	}
	return out
}
