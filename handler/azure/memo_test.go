package azure_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
)

// source answers with how often it was asked, or fails.
type source struct {
	asked int
	err   error
	takes time.Duration
}

func (s *source) ask(ctx context.Context) (int, error) {
	s.asked++
	n, err := s.asked, s.err
	select {
	case <-time.After(s.takes):
		return n, err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

var errDown = errors.New("down")

func newMemo() *azure.Memo[string, int] {
	return &azure.Memo[string, int]{Fresh: time.Minute, Stale: time.Hour, Absent: time.Second, Rest: 10 * time.Second, Within: 5 * time.Second}
}

func requireAnswer(t *testing.T, m *azure.Memo[string, int], s *source, want int) {
	t.Helper()
	got, err := m.Get(t.Context(), "k", s.ask)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestAnAnswerIsUsedWhileItIsFreshAndLongerInTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s := newMemo(), &source{}
		requireAnswer(t, m, s, 1)
		time.Sleep(time.Minute - time.Nanosecond)
		requireAnswer(t, m, s, 1)
		time.Sleep(time.Nanosecond)
		requireAnswer(t, m, s, 2)

		time.Sleep(time.Minute)
		s.err = errDown
		requireAnswer(t, m, s, 2)
		_, err := m.GetFresh(t.Context(), "k", s.ask)
		require.ErrorIs(t, err, errDown, "old answers are not for everybody")
		require.Equal(t, 3, s.asked, "and nobody asks again for a while")
		time.Sleep(10 * time.Second)
		requireAnswer(t, m, s, 2)
		require.Equal(t, 4, s.asked)
		time.Sleep(time.Hour)
		_, err = m.Get(t.Context(), "k", s.ask)
		require.ErrorIs(t, err, errDown, "an old answer has an end")
		s.err = nil
		time.Sleep(10 * time.Second)
		requireAnswer(t, m, s, 6)
	})
}

func TestWhatIsNotThereIsBelievedForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s := newMemo(), &source{}
		requireAnswer(t, m, s, 1)
		time.Sleep(time.Minute)
		s.err = fmt.Errorf("x: %w", airlock.ErrNotFound)
		for range 2 {
			_, err := m.Get(t.Context(), "k", s.ask)
			require.ErrorIs(t, err, airlock.ErrNotFound, "that is an answer: the old one is wrong now")
		}
		require.Equal(t, 2, s.asked)
		time.Sleep(time.Second)
		s.err = nil
		requireAnswer(t, m, s, 3)
	})
}

func TestAFaultCanAskForALongerRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s := newMemo(), &source{err: &airlock.Fault{Kind: airlock.Transient, After: 30 * time.Second}}
		for range 2 {
			_, err := m.Get(t.Context(), "k", s.ask)
			require.ErrorAs(t, err, new(*airlock.Fault))
			time.Sleep(30*time.Second - time.Nanosecond)
		}
		require.Equal(t, 1, s.asked)
		time.Sleep(time.Nanosecond)
		_, _ = m.Get(t.Context(), "k", s.ask)
		require.Equal(t, 2, s.asked)
	})
}

func TestWithoutARestTheNextCallerAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s := &azure.Memo[string, int]{Fresh: time.Minute}, &source{err: &airlock.Fault{After: time.Hour}}
		for range 3 {
			_, err := m.Get(t.Context(), "k", s.ask)
			require.Error(t, err)
		}
		require.Equal(t, 3, s.asked)
	})
}

func TestOneAsksAndTheOthersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s := newMemo(), &source{takes: time.Second}
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				got, err := m.Get(t.Context(), "k", s.ask)
				assert.NoError(t, err)
				assert.Equal(t, 1, got)
			})
		}
		left, leave := context.WithTimeout(t.Context(), time.Millisecond)
		defer leave()
		_, err := m.Get(left, "k", s.ask)
		require.ErrorIs(t, err, context.DeadlineExceeded, "who leaves stops nobody else")
		wait.Wait()
		_, err = m.Get(left, "other", s.ask)
		require.Error(t, err)
		require.Equal(t, 1, s.asked, "and does not ask")
	})
}

func TestAQuestionHasATimeOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s := newMemo(), &source{takes: time.Hour}
		began := time.Now()
		_, err := m.Get(t.Context(), "k", s.ask)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 5*time.Second, time.Since(began))
	})
}

func TestForgettingAlsoForgetsTheQuestionUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s := newMemo(), &source{takes: time.Second}
		go func() { _, _ = m.Get(t.Context(), "k", s.ask) }()
		synctest.Wait()
		m.Forget("k")
		requireAnswer(t, m, s, 2)
		requireAnswer(t, m, s, 2)
	})
}

func TestAPanicReachesWhoeverWaits(t *testing.T) {
	m := newMemo()
	for range 2 {
		require.PanicsWithValue(t, "bug", func() {
			_, _ = m.Get(t.Context(), "k", func(context.Context) (int, error) { panic("bug") })
		})
	}
}

func TestTheMemoryHasABound(t *testing.T) {
	m, s := &azure.Memo[int, int]{Fresh: time.Hour}, &source{}
	for k := range 25000 {
		_, err := m.Get(t.Context(), k, func(context.Context) (int, error) { return k, nil })
		require.NoError(t, err)
	}
	got, err := m.Get(t.Context(), 0, s.ask)
	require.NoError(t, err)
	require.Equal(t, 1, got, "the first keys were let go")
}
