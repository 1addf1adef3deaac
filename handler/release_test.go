package main

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestMemoryIsGivenBackAfterABurstOnly(t *testing.T) {
	for calls, want := range map[int]int32{1: 0, burstAtOnce - 1: 0, burstAtOnce: 1, 400: 1} {
		synctest.Test(t, func(t *testing.T) {
			var released atomic.Int32
			on := make(chan struct{})
			r := &releasing{release: func() { released.Add(1) }, next: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-on })}
			burst := func(n int) {
				var all sync.WaitGroup
				for range n {
					all.Go(func() { r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)) })
				}
				synctest.Wait() // all are under way
				for range n {
					on <- struct{}{}
				}
				all.Wait()
			}
			burst(calls)
			assert.Zero(t, released.Load(), "%d calls: another burst may follow", calls)
			time.Sleep(time.Hour)
			assert.Equal(t, want, released.Load(), "%d calls", calls)
			burst(1)
			time.Sleep(time.Hour)
			assert.Equal(t, want, released.Load(), "once for %d calls", calls)
		})
	}
}
