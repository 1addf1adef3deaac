package airlock

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestALinkStandsForOthersOfItsKind(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	issued := IssuedLink{By: "ada", Stage: ImportExternal, Write: true, From: at, Expires: at.Add(time.Hour)}
	var w Work
	w.NoteLink(issued)
	tests := []struct {
		name     string
		by       UserID
		stage    Stage
		write    bool
		after    time.Duration
		lifetime time.Duration
		stands   bool
	}{
		{"at once", "ada", ImportExternal, true, 0, time.Hour, true},
		{"soon", "ada", ImportExternal, true, LinkStands - time.Second, time.Hour, true},
		{"later", "ada", ImportExternal, true, LinkStands, time.Hour, false},
		{"another person", "bob", ImportExternal, true, 0, time.Hour, false},
		{"another account", "ada", ImportApproved, true, 0, time.Hour, false},
		{"other rights", "ada", ImportExternal, false, 0, time.Hour, false},
		{"a clock that went back", "ada", ImportExternal, true, -time.Second, time.Hour, false},
		{"the policy was made stricter", "ada", ImportExternal, true, time.Minute, 30 * time.Minute, false},
		{"the policy was made laxer", "ada", ImportExternal, true, time.Minute, 2 * time.Hour, true},
	}
	for _, tt := range tests {
		got, stands := w.LinkFor(IssuedLink{By: tt.by, Stage: tt.stage, Write: tt.write}, at.Add(tt.after), tt.lifetime)
		assert.Equal(t, tt.stands, stands, tt.name)
		if stands {
			assert.Equal(t, issued, got, tt.name)
		}
	}
	short := IssuedLink{By: "ada", Stage: ImportExternal, Write: true, From: at, Expires: at.Add(5 * time.Minute)}
	w.NoteLink(short)
	assert.Len(t, w.Links, 1, "in the place of the one before")
	_, stands := w.LinkFor(IssuedLink{By: "ada", Stage: ImportExternal, Write: true}, at.Add(3*time.Minute), 5*time.Minute)
	assert.False(t, stands, "who asks for a link has half its life at least")
}

func TestLinksOnARowAreBounded(t *testing.T) {
	var w Work
	for i := range 2 * maxLinks {
		w.NoteLink(IssuedLink{By: UserID(rune('A' + i))})
	}
	assert.Len(t, w.Links, maxLinks)
}

func TestAnEarlierTurnsLinkStandsForNoOther(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	var w Work
	w.NoteLink(IssuedLink{By: "ada", Stage: ImportExternal, Turn: 1, From: at, Expires: at.Add(time.Hour)})
	_, stands := w.LinkFor(IssuedLink{By: "ada", Stage: ImportExternal, Turn: 2}, at, time.Hour)
	assert.False(t, stands, "it opens another container")
}

func TestFilesOfALink(t *testing.T) {
	l := IssuedLink{}.With(0).With(9).With(499)
	for i := range 600 {
		assert.Equal(t, i == 0 || i == 9 || i == 499, l.For(i), i)
	}
	before := l.With(3)
	assert.False(t, l.For(3), "a link is a value")
	assert.True(t, before.For(3))
	assert.LessOrEqual(t, len(l.Files), MaxFilesCeiling/8+1)
}
