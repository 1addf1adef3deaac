package parallel_test

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.org/airlock/handler/parallel"
)

// A panic on a goroutine of its own would end the process; here the caller's
// recover, which every delivery has, can catch it.
func TestAPanicInEachIsItsCallers(t *testing.T) {
	var others atomic.Int32
	run := func() {
		parallel.Each([]int{1, 2, 3, 4}, 2, func(n int) {
			if n == 2 {
				panic("a bug")
			}
			others.Add(1)
		})
	}
	defer func() {
		assert.Contains(t, recover(), "a bug")
		assert.EqualValues(t, 3, others.Load(), "the others were done")
	}()
	run()
}
