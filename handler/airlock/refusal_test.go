package airlock

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestOneRefusalStandsForMany(t *testing.T) {
	var w Work
	at := time.Now()
	assert.True(t, w.NoteRefusal("ben", ActionReview, at))
	assert.False(t, w.NoteRefusal("ben", ActionReview, at.Add(RefusalsKept-1)))
	assert.True(t, w.NoteRefusal("ben", ActionRevoke, at), "another action")
	assert.True(t, w.NoteRefusal("eve", ActionReview, at), "another person")
	assert.True(t, w.NoteRefusal("ben", ActionReview, at.Add(RefusalsKept)), "later")
	for i := range 3 * maxRefusals {
		assert.True(t, w.NoteRefusal(UserID(fmt.Sprint(i)), ActionReview, at))
	}
	assert.Len(t, w.Refusals, maxRefusals)
}
