package inspect

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A state that an older version kept in the middle of a text of XML knows of no marks. It goes on all the same.
func TestAnOlderStateOfATextGoesOn(t *testing.T) {
	rest := []byte(`<Row ss:Hidden="1"/></Workbook>`)
	older := &textFeed{Kind: "xml", Begun: true, Line: 40}
	in := &input{limits: DefaultLimits(), found: &collector{}, spent: &spent{}}
	require.Equal(t, len(rest), older.feed(in, rest, 300_000, true))
	require.Equal(t, int64(300_000+len(rest)), older.Offset)
}
