package airlock

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMailAddress(t *testing.T) {
	for in, want := range map[string]string{
		"a@b.example": "a@b.example", " a@b.example ": "a@b.example", "": "", "a": "", "A <a@b.example>": "", "a@b.example,c@d.example": "",
		"a@b.example\r\nBcc: x@y.example": "", "o'brien@b.example": "o'brien@b.example", "<a@b.example>": "", "a@b.example (c)": "",
		`"a b"@b.example`: "", `"a,c@d.example"@b.example`: "", `"a"@b.example`: "", "a@b.example;c@d.example": "", "a @b.example": "", "a;c@b.example": "",
		"ada_home.example#EXT#@tre.example": "", "ada_home.example#ext#@tre.example": "", "a#b@c.example": "a#b@c.example",
	} {
		assert.Equal(t, want, MailAddress(in), in)
	}
}
