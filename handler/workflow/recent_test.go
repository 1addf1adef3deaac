package workflow

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.org/airlock/handler/airlock"
)

func at(version airlock.Version) lastRow {
	return lastRow{Request: airlock.Request{ID: "r", Workspace: "w"}, version: version}
}

func heard(r *recent, events ...string) (answered []bool) {
	for _, e := range events {
		answered = append(answered, r.answered(airlock.Hint{Request: "r", Event: e}))
	}
	return answered
}

func TestRecent(t *testing.T) {
	var r recent
	assert.True(t, r.wrote(at("1"), []string{"a"}))
	left, last := r.begin("r")
	assert.Equal(t, airlock.Version("1"), left.version)
	assert.False(t, r.wrote(at("2"), []string{"b"}), "somebody is at it who sees it")
	assert.Equal(t, []bool{false, false}, heard(&r, "a", "b"), "the work is under way")
	assert.False(t, r.end(at("2"), true, last))
	assert.Equal(t, []bool{true, true, false, false}, heard(&r, "a", "b", "c", ""))
	assert.Equal(t, airlock.WorkspaceID("w"), r.workspaceOf("r"))
	left, _ = r.begin("r")
	assert.Nil(t, left, "nobody has to go on from there")
}

// A decision that was made while somebody else worked is not taken for done.
func TestADecisionDuringTheWorkIsNotDone(t *testing.T) {
	var r recent
	r.wrote(at("1"), []string{"a"})
	_, last := r.begin("r")
	r.wrote(at("2"), []string{"b"})
	assert.True(t, r.end(at("1"), true, last), "somebody has to go on from it")
	assert.Equal(t, []bool{true, false}, heard(&r, "a", "b"))
	left, _ := r.begin("r")
	assert.Equal(t, airlock.Version("2"), left.version)
}

// A read of a row that another process wrote meanwhile has seen the older one too.
func TestAnotherProcessesRowIsNoReasonToGoOn(t *testing.T) {
	var r recent
	r.wrote(at("1"), []string{"a"})
	_, last := r.begin("r")
	assert.False(t, r.end(at("of another"), true, last))
	r.wrote(at("3"), []string{"b"})
	_, last = r.begin("r")
	r.wrote(at("4"), nil) // the work's own
	r.reread("r")
	assert.False(t, r.end(at("of another"), true, last))
	left, _ := r.begin("r")
	assert.Nil(t, left)
}

func TestWhatIsNotDoneIsNotAnswered(t *testing.T) {
	var r recent
	r.wrote(at("1"), []string{"a"})
	_, last := r.begin("r")
	assert.False(t, r.end(at("1"), false, last), "the rest is on record")
	assert.Equal(t, []bool{false}, heard(&r, "a"))
	r.wrote(at("2"), []string{"b"})
	r.begin("r")
	r.gaveUp("r")
	assert.Equal(t, []bool{false, false}, heard(&r, "a", "b"))
	left, _ := r.begin("r")
	assert.Nil(t, left)
}

// A link or a comment in between starts nothing, and the newest row is left.
func TestADecisionWithoutEventsStartsNothing(t *testing.T) {
	var r recent
	assert.False(t, r.wrote(at("1"), nil))
	r.wrote(at("2"), []string{"a"})
	r.wrote(at("3"), nil)
	left, _ := r.begin("r")
	assert.Equal(t, airlock.Version("3"), left.version)
}

func TestTheMemoryIsBounded(t *testing.T) {
	var r recent
	var ids []string
	for i := range 3 * recentEvents {
		ids = append(ids, fmt.Sprint(i))
	}
	for range 10 {
		r.wrote(at("1"), ids)
		_, last := r.begin("r")
		r.end(at("1"), true, last)
	}
	assert.LessOrEqual(t, len(r.of["r"].done), recentEvents+2*recentFiles)
	assert.LessOrEqual(t, len(r.of["r"].owed), recentEvents)
	for i := range 3 * recentRequests {
		row := at("1")
		row.ID = airlock.RequestID(fmt.Sprint(i))
		r.wrote(row, ids)
		assert.LessOrEqual(t, len(r.of), recentRequests)
	}
}
