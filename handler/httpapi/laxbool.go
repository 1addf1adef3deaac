package httpapi

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// laxBool is a boolean as existing clients send it: true, 1, "True", "yes", …
// (AzureTRE reads booleans with pydantic). Anything else is refused.
type laxBool struct{ value, given bool }

// or is the value, or what counts when none was given.
func (b laxBool) or(otherwise bool) bool {
	if !b.given {
		return otherwise
	}
	return b.value
}

// laxWords are the texts, in lower case.
var laxWords = map[string]bool{"true": true, "1": true, "yes": true, "y": true, "on": true, "t": true,
	"false": false, "0": false, "no": false, "n": false, "off": false, "f": false}

var errNotBool = errors.New("expected a boolean")

// UnmarshalText reads a query parameter.
func (b *laxBool) UnmarshalText(text []byte) error {
	value, ok := laxWords[strings.ToLower(string(text))]
	if !ok {
		return errNotBool
	}
	b.value, b.given = value, true
	return nil
}

// UnmarshalJSON reads a member of a body.
func (b *laxBool) UnmarshalJSON(data []byte) error {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	switch v := v.(type) {
	case bool:
		b.value, b.given = v, true
		return nil
	case float64:
		if v == 0 || v == 1 {
			b.value, b.given = v == 1, true
			return nil
		}
	case string:
		return b.UnmarshalText([]byte(v))
	}
	return errNotBool
}

// Schema implements huma.SchemaProvider.
func (laxBool) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Description: "A boolean; for existing clients also 1, 0 and the words true, false, yes, no, on, off, t, f, y, n in any letter case.",
		AnyOf: []*huma.Schema{{Type: huma.TypeBoolean}, {Type: huma.TypeInteger, Enum: []any{0.0, 1.0}},
			{Type: huma.TypeString, Pattern: "^([tT]([rR][uU][eE])?|[fF]([aA][lL][sS][eE])?|[yY]([eE][sS])?|[nN][oO]?|[oO][nN]|[oO][fF][fF]|[01])$"}}}
}
