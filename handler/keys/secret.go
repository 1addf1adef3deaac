package keys

import (
	"fmt"
	"io"
)

const hidden = "[secret]"

// secret is a key that must never be printed. The pointer keeps it out of %+v of
// an enclosing unexported field, Format out of every other verb, and MarshalText
// out of JSON and slog. Only reveal returns the value.
type secret struct{ value *[]byte }

func newSecret(b []byte) secret { return secret{value: &b} }

func (s secret) reveal() []byte {
	if s.value == nil {
		return nil
	}
	return *s.value
}

// Format prints the same for every verb.
func (s secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText is the form in JSON and slog.
func (s secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
