package workflow

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// each calls f for every item, at most n at a time, and waits for all. A panic
// of f becomes each's own once the others are done: on a goroutine of its own
// nobody could catch it, and it would end the process with everything in it.
func each[T any](items []T, n int, f func(T)) {
	var (
		wg       sync.WaitGroup
		once     sync.Once
		panicked string
	)
	places := make(chan struct{}, n)
	for _, item := range items {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			defer func() {
				if p := recover(); p != nil {
					once.Do(func() { panicked = fmt.Sprintf("%v\n%s", p, debug.Stack()) })
				}
			}()
			f(item)
		})
	}
	wg.Wait()
	if panicked != "" {
		panic(panicked)
	}
}

// safely runs f and makes an error of a panic: where many things are looked
// after, the one with the bug must not keep the others from it.
func (s *Service) safely(ctx context.Context, what string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.ErrorContext(ctx, "panic", "in", what, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errors.New("workflow: panic in " + what)
		}
	}()
	return f()
}
