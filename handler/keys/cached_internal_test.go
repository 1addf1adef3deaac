package keys

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAVaultThatIsAwayIsAskedAgainSoon(t *testing.T) {
	c := newCached[int]()
	asked := 0
	ask := func(answer int, err error) func(context.Context) (int, error) {
		return func(context.Context) (int, error) { asked++; return answer, err }
	}
	get := func(ask func(context.Context) (int, error)) int {
		got, err := c.get(t.Context(), ask)
		require.NoError(t, err)
		return got
	}
	assert.Equal(t, 1, get(ask(1, nil)))
	c.until = time.Now()
	assert.Equal(t, 1, get(ask(0, errors.New("away"))), "what is known stays in use")
	assert.Equal(t, 1, get(ask(2, nil)), "for a while nobody asks")
	assert.Equal(t, 2, asked)
	assert.Less(t, time.Until(c.until), 2*time.Minute, "but not for an hour")
	c.until = time.Now()
	assert.Equal(t, 3, get(ask(3, nil)))
}
