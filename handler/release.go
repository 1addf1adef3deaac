package main

import (
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// After a burst of calls Go keeps the memory: without work the collector runs once in two
// minutes, and the scavenger follows it slowly. An instance may be idle for long, beside
// others on one machine. So the memory is given back when a burst is over
// (docs/PERFORMANCE.md has the numbers).
const (
	burstAtOnce = 64 // calls under way that count as a burst: as many as there are connections to a host of Azure
	burstOver   = 5 * time.Second
)

// releasing gives memory back after bursts.
type releasing struct {
	next     http.Handler
	underWay atomic.Int64
	burst    atomic.Bool
	release  func()
}

// release closes the connections that nobody uses, each of which holds its buffers, and
// gives back what is free.
func (o outside) release() {
	o.transport.CloseIdleConnections()
	debug.FreeOSMemory()
}

// ServeHTTP implements http.Handler.
func (r *releasing) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if r.underWay.Add(1) >= burstAtOnce {
		r.burst.Store(true)
	}
	defer func() {
		if r.underWay.Add(-1) == 0 && r.burst.Swap(false) {
			time.AfterFunc(burstOver, r.release)
		}
	}()
	r.next.ServeHTTP(w, req)
}
