package cloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// parts are the running pieces of the cloud, in the order they were started. One that ends by itself ends all.
type parts struct {
	mu     sync.Mutex
	stops  []func() error
	failed chan error
	ending bool
}

func newParts() *parts { return &parts{failed: make(chan error, 32)} }

// add notes how to stop a piece.
func (p *parts) add(stop func() error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stops = append(p.stops, stop)
}

func (p *parts) lost(name string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ending {
		p.failed <- fmt.Errorf("%s ended: %w", name, err)
	}
}

var errUnasked = errors.New("nobody asked it to")

// run runs f until the cloud ends; f must return when its context does.
func (p *parts) run(name string, f func(ctx context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err := f(ctx)
		if err == nil {
			err = errUnasked
		}
		p.lost(name, err)
	}()
	p.add(func() error { cancel(); <-ended; return nil })
}

// serve serves h on l until the cloud ends.
func (p *parts) serve(name string, l net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { p.lost(name, server.Serve(l)) }()
	p.add(server.Close)
}

// stop ends everything, last started first, and reports all that went wrong.
func (p *parts) stop() error {
	p.mu.Lock()
	p.ending = true
	stops := p.stops
	p.stops = nil
	p.mu.Unlock()
	var errs []error
	for i := len(stops) - 1; i >= 0; i-- {
		errs = append(errs, stops[i]())
	}
	return errors.Join(errs...)
}
