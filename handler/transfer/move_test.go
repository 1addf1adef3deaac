package transfer_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/transfer"
)

var (
	from = airlock.Container{Account: "from", Name: "af89dccd-cdf8-4e47-8cfe-995faeac0f09"}
	to   = airlock.Container{Account: "to", Name: from.Name}
)

// shelf is storage. A fake, because a copy that is cut short or fails for one
// file of many cannot be had from the emulator on cue; blobstore's own tests have
// the real one.
type shelf struct {
	mu     sync.Mutex
	at     map[airlock.Container][]airlock.Blob
	copies map[string]airlock.CopyProgress // the progress that each copy went on from
	short  map[string]bool                 // files whose copy is cut short
	faults map[string]error                // by file, of its copy
	found  bool                            // copies are there already
	read   []string
}

func (s *shelf) CreateContainer(context.Context, airlock.Container) error { return nil }

func (s *shelf) List(_ context.Context, c airlock.Container, most int) ([]airlock.Blob, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.at[c]), nil
}

func (s *shelf) Copy(_ context.Context, o airlock.CopyOrder, p airlock.CopyProgress) (airlock.CopyProgress, airlock.Copied, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.copies[o.Name] = p
	p.Offset++
	if err := s.faults[o.Name]; err != nil || s.short[o.Name] {
		return p, airlock.Copied{}, err
	}
	s.at[o.To] = append(s.at[o.To], airlock.Blob{Name: o.Name, Size: o.Size, ETag: "copy"})
	return p, airlock.Copied{ETag: "copy", CRC64: new(airlock.CRC64), Made: !s.found}, nil
}

func (s *shelf) Hash(_ context.Context, _ airlock.Container, name string, size int64, p airlock.HashProgress) (airlock.HashProgress, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read = append(s.read, name)
	p.Offset = size
	return p, "sum", nil
}

func newShelf(files ...airlock.File) *shelf {
	s := &shelf{at: map[airlock.Container][]airlock.Blob{}, copies: map[string]airlock.CopyProgress{}, short: map[string]bool{}, faults: map[string]error{}}
	for _, f := range files {
		s.at[from] = append(s.at[from], airlock.Blob{Name: f.Name, Size: f.Size, ETag: "source"})
	}
	return s
}

// leg reads at its end what this call did not make.
func leg() transfer.Leg {
	return transfer.Leg{From: from, To: to, Shown: true,
		Source: func(airlock.File) string { return "source" }, Recorded: func(f airlock.File) string { return f.FinalETag },
		Unread: func(_ airlock.File, made airlock.Copied) bool { return made.ETag == "" }}
}

var files = []airlock.File{{Name: "a", Size: 1}, {Name: "b", Size: 2}}

func TestAMoveThatIsDone(t *testing.T) {
	s := newShelf(files...)
	moved, err := transfer.Move(t.Context(), s, leg(), files)
	require.NoError(t, err)
	for _, f := range files {
		assert.Equal(t, "copy", moved[f.Name].ETag)
		assert.True(t, moved[f.Name].Made)
		assert.Nil(t, moved[f.Name].Copy)
		assert.False(t, moved[f.Name].Short)
	}
	assert.Empty(t, s.read)

	// Copies on record are not made again; a copy that was found is read.
	recorded := []airlock.File{{Name: "a", Size: 1, FinalETag: "copy"}, {Name: "b", Size: 2, FinalETag: "copy"}}
	clear(s.copies)
	moved, err = transfer.Move(t.Context(), s, leg(), recorded)
	require.NoError(t, err)
	assert.Empty(t, s.copies)
	assert.ElementsMatch(t, []string{"a", "b"}, s.read)
	assert.Equal(t, "sum", moved["a"].Sum)
	assert.Equal(t, "copy", moved["a"].Hash.ETag, "pinned to the copy")

	s = newShelf(files...)
	s.found = true
	_, err = transfer.Move(t.Context(), s, leg(), files)
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"a", "b"}, s.read)
}

func TestAMoveGoesOnWhereItStopped(t *testing.T) {
	s := newShelf(files...)
	s.short["b"] = true
	half := []airlock.File{files[0], {Name: "b", Size: 2, Copy: &airlock.CopyProgress{Source: "source", Offset: 7}}}
	moved, err := transfer.Move(t.Context(), s, leg(), half)
	require.NoError(t, err)
	assert.Equal(t, airlock.NewCopyProgress("source"), s.copies["a"])
	assert.Equal(t, *half[1].Copy, s.copies["b"])
	assert.True(t, moved["b"].Short)
	assert.Empty(t, moved["b"].ETag)
	assert.Equal(t, int64(8), moved["b"].Copy.Offset)
	assert.Empty(t, s.read, "what is not there is not read")
}

func TestOneFilesFaultIsNotTheOthers(t *testing.T) {
	s := newShelf(files...)
	s.faults["b"] = &airlock.Fault{Kind: airlock.Transient, Code: "ServerBusy"}
	moved, err := transfer.Move(t.Context(), s, leg(), files)
	require.ErrorIs(t, err, s.faults["b"])
	assert.Equal(t, "copy", moved["a"].ETag)
	assert.Equal(t, int64(1), moved["b"].Copy.Offset, "what was staged is kept")
}

func TestNothingElseMayLieThere(t *testing.T) {
	for name, plant := range map[string]func(s *shelf, l *transfer.Leg){
		"beside the source": func(s *shelf, _ *transfer.Leg) { s.at[from] = append(s.at[from], airlock.Blob{Name: "planted"}) },
		"beside the copies": func(s *shelf, _ *transfer.Leg) { s.at[to] = append(s.at[to], airlock.Blob{Name: "planted"}) },
		"instead of a copy": func(_ *shelf, l *transfer.Leg) { l.Recorded = func(airlock.File) string { return "another" } },
		"a copy of another size": func(s *shelf, l *transfer.Leg) {
			l.Recorded = func(airlock.File) string { return "copy" }
			s.at[to] = []airlock.Blob{{Name: "a", Size: 9, ETag: "copy"}, {Name: "b", Size: 2, ETag: "copy"}}
		},
	} {
		s, l := newShelf(files...), leg()
		plant(s, &l)
		_, err := transfer.Move(t.Context(), s, l, files)
		var integrity *airlock.IntegrityError
		require.ErrorAs(t, err, &integrity, name)
	}
	// A draft may hold more since it was submitted.
	s, l := newShelf(files...), leg()
	s.at[from], l.Shown = append(s.at[from], airlock.Blob{Name: "later"}), false
	_, err := transfer.Move(t.Context(), s, l, files)
	require.NoError(t, err)
}
