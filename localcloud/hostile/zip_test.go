package hostile

import (
	"archive/zip"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAQuineHoldsItself(t *testing.T) {
	quine := quineZip()
	r, err := zip.NewReader(strings.NewReader(quine), int64(len(quine)))
	require.NoError(t, err)
	require.Len(t, r.File, 1)
	f, err := r.File[0].Open()
	require.NoError(t, err)
	inside, err := io.ReadAll(f) // it compares the sum as well
	require.NoError(t, err)
	require.Equal(t, quine, string(inside))
}

// These are no damaged files: usual programs unpack them.
func TestDoubleZipsUnpack(t *testing.T) {
	for name, c := range map[string]struct{ content, first string }{
		"two ends":        {twoEnds(), "means.csv"},
		"two directories": {twoDirectories(), "people.csv"},
		"two names":       {twoNames(), "means.csv"},
	} {
		r, err := zip.NewReader(strings.NewReader(c.content), int64(len(c.content)))
		require.NoError(t, err, name)
		require.Equal(t, c.first, r.File[0].Name, name)
		f, err := r.File[0].Open()
		require.NoError(t, err, name)
		_, err = io.ReadAll(f)
		require.NoError(t, err, name)
	}
}
