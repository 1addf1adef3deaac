package funchost

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Restart rules of HttpFunctionInvocationDispatcher.cs.
const (
	errorThreshold = 3                // the error that stops the host
	errorMemory    = 30 * time.Minute // after so long an error counts as the first again
	hostRestart    = time.Second      // how soon the platform brings a stopped host back
	waitForHandler = 30 * time.Second // how long an invocation waits for a restart
)

var (
	errNoHandler = errors.New("the handler did not come back in time")
	errStopped   = errors.New("the host stops")
)

// instance is one host instance with its handler.
type instance struct {
	host *Host

	mu      sync.Mutex
	worker  *worker       // nil while starting
	changed chan struct{} // closed when worker changes
}

func newInstance(h *Host) *instance { return &instance{host: h, changed: make(chan struct{})} }

func (i *instance) set(w *worker) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.worker = w
	close(i.changed)
	i.changed = make(chan struct{})
}

// current waits for a handler that answers. A handler that left with 0 is still
// the current one: the host does not notice.
func (i *instance) current(ctx context.Context) (*worker, error) {
	timer := time.NewTimer(waitForHandler)
	defer timer.Stop()
	for {
		i.mu.Lock()
		w, changed := i.worker, i.changed
		i.mu.Unlock()
		if w != nil && (!w.gone() || w.exit == 0) {
			return w, nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return nil, errNoHandler
		case <-i.host.stopped:
			return nil, errStopped
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// supervise keeps a handler running until ctx ends.
func (i *instance) supervise(ctx context.Context) {
	failures, last := 0, time.Time{}
	for ctx.Err() == nil {
		if i.live(ctx) {
			continue
		}
		now := time.Now()
		if now.Sub(last) > errorMemory {
			failures = 0
		}
		failures, last = failures+1, now
		if failures < errorThreshold {
			continue
		}
		i.host.log.Error("handler failed too often: the host stops and the platform restarts it")
		i.host.quit.Do(func() { close(i.host.gaveUp) })
		failures = 0
		select {
		case <-ctx.Done():
		case <-time.After(i.host.scaled(hostRestart)):
		}
	}
}

// live is one life of the handler. False means that its end counts as an error.
func (i *instance) live(ctx context.Context) bool {
	h := i.host
	begun := time.Now()
	w, err := h.startWorker()
	if err != nil {
		h.log.Error("handler did not start", "error", err)
		return false
	}
	h.born(w)
	defer h.died(w)
	defer w.kill()
	if !w.ready(ctx, h.pings, h.app.initialization) {
		if ctx.Err() == nil {
			h.log.Error("handler did not get ready", "exited", w.gone())
		}
		return w.spare.Load()
	}
	h.log.Info("handler is ready", "pid", w.command.Process.Pid, "after", time.Since(begun).Round(time.Millisecond))
	i.set(w)
	select {
	case <-ctx.Done():
		i.set(nil)
		return true
	case <-w.done:
	}
	if w.exit == 0 {
		h.log.Error("handler exited with 0: the host does not restart it, every invocation fails from now on")
		<-ctx.Done()
		return true
	}
	i.set(nil)
	h.log.Warn("handler is gone", "exit", w.exit)
	return w.exit == exitIntentional || w.spare.Load()
}
