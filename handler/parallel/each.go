// Package parallel does the same for many things at once.
package parallel

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// Each calls f for every item, at most n at a time, and waits for all. If f
// panics, Each panics in the caller after the others have finished: on a goroutine
// of its own nobody could catch it, and it would end the process with everything
// in it.
func Each[T any](items []T, n int, f func(T)) {
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
