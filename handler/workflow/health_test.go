package workflow

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.org/airlock/handler/airlock"
)

// A monitor that is told "storage unreachable" restarts things; one bad row is
// not a reason for that.
func TestADamagedRowIsNotAnUnreachableStore(t *testing.T) {
	b := newTestBed(t)
	b.parked.rows[stray.ID], b.parked.broken[stray.ID] = stray, true
	b.table.outbox = []row[airlock.Event]{{err: junk()}, {value: step("e")}}
	b.registry.err = junk()
	b.table.damaged = 2
	b.clock = noon.Add(time.Minute)
	assert.Equal(t, Health{StorageReachable: true, OldestUnpublished: time.Minute, Parked: 1, Damaged: 2}, b.Health(t.Context()))
}

func TestAFailedCallIsAnUnreachableStore(t *testing.T) {
	down := errors.New("away")
	for name, turn := range map[string]func(b *testBed){
		"registry": func(b *testBed) { b.registry.rows, b.registry.err = nil, down },
		"parked":   func(b *testBed) { b.parked.down = down },
		"outbox":   func(b *testBed) { b.table.outbox = []row[airlock.Event]{{err: down}} },
	} {
		b := newTestBed(t)
		turn(b)
		assert.False(t, b.Health(t.Context()).StorageReachable, name)
	}
}
