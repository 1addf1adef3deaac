package funchost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of the blob extension: tries before the poison queue, blobs at a time
// (8 per core in Azure), and the pause between tries.
const (
	poisonThreshold = 5
	blobsAtATime    = 16
	blobRetryPause  = time.Second
)

// blobMessage is an entry of the host's own queue, which lies between Event Grid
// and a blob trigger: a failure is retried from here and not by Event Grid.
type blobMessage struct {
	Function  string
	Container string
	Name      string
	URL       string
	ETag      string
	Dequeued  int
}

type blobQueue struct {
	host *Host

	mu       sync.Mutex
	messages []*blobMessage // all that are not done, also those under way
	poisoned []blobMessage
	arrived  chan *blobMessage
}

func newBlobQueue(h *Host) *blobQueue {
	return &blobQueue{host: h, arrived: make(chan *blobMessage, 4096)}
}

// add queues the blobs of BlobCreated events. It looks at nothing but the
// address: the subscription's filter is the only guard.
func (q *blobQueue) add(f *function, events []json.RawMessage) error {
	for _, raw := range events {
		var e struct {
			Data struct{ URL, ETag string }
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			return err
		}
		address, err := url.Parse(e.Data.URL)
		if err != nil {
			return fmt.Errorf("data.url: %w", err)
		}
		container, name, ok := strings.Cut(strings.TrimPrefix(address.Path, "/"), "/")
		if !ok {
			return fmt.Errorf("data.url %q names no blob", e.Data.URL)
		}
		q.put(&blobMessage{Function: f.name, Container: container, Name: name, URL: e.Data.URL, ETag: e.Data.ETag})
	}
	return nil
}

func (q *blobQueue) put(m *blobMessage) {
	q.mu.Lock()
	q.messages = append(q.messages, m)
	q.mu.Unlock()
	q.offer(m)
}

func (q *blobQueue) offer(m *blobMessage) {
	select {
	case q.arrived <- m:
	case <-q.host.stopped: // kept in messages, for the next run
	}
}

// run works on the queue until ctx ends.
func (q *blobQueue) run(ctx context.Context) {
	var workers sync.WaitGroup
	for range blobsAtATime {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case m := <-q.arrived:
					q.work(ctx, m)
				}
			}
		})
	}
	workers.Wait()
}

// work tries a message until it is done or poison.
func (q *blobQueue) work(ctx context.Context, m *blobMessage) {
	for {
		q.mu.Lock()
		m.Dequeued++
		copied := *m
		q.mu.Unlock()
		err := q.deliver(ctx, copied)
		if ctx.Err() != nil {
			return // stays in the queue
		}
		if err == nil || copied.Dequeued >= poisonThreshold {
			q.finish(m, err)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(q.host.scaled(blobRetryPause)):
		}
	}
}

func (q *blobQueue) finish(m *blobMessage, failure error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.messages = slices.DeleteFunc(q.messages, func(other *blobMessage) bool { return other == m })
	if failure != nil {
		q.poisoned = append(q.poisoned, *m)
		q.host.log.Error("blob moved to the poison queue", "function", m.Function, "container", m.Container, "blob", m.Name, "error", failure)
	}
}

// deliver reads the whole blob and invokes the function. A blob that is gone is
// dropped without a word, as the host does.
func (q *blobQueue) deliver(ctx context.Context, m blobMessage) error {
	f := q.host.functions[strings.ToLower(m.Function)]
	if f == nil || f.trigger.Type != blobTrigger {
		return nil // function id unknown: the message is dropped
	}
	if q.host.options.ReadBlob == nil {
		return errors.New("the host cannot read blobs")
	}
	content, err := q.host.options.ReadBlob(ctx, m.Container, m.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return q.host.invoke(ctx, f, f.blobEnvelope(m, content))
}

// Poisoned lists the blobs that a function failed on five times, as container/name.
func (h *Host) Poisoned() []string {
	h.blobs.mu.Lock()
	defer h.blobs.mu.Unlock()
	var names []string
	for _, m := range h.blobs.poisoned {
		names = append(names, m.Container+"/"+m.Name)
	}
	return names
}

func (q *blobQueue) load() error {
	if q.host.options.QueueFile == "" {
		return nil
	}
	raw, err := os.ReadFile(q.host.options.QueueFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var kept []*blobMessage
	if err == nil {
		err = json.Unmarshal(raw, &kept)
	}
	if err != nil {
		return fmt.Errorf("blob queue in %s: %w", q.host.options.QueueFile, err)
	}
	q.mu.Lock()
	q.messages = append(q.messages, kept...)
	q.mu.Unlock()
	go func() {
		for _, m := range kept {
			q.offer(m)
		}
	}()
	return nil
}

func (q *blobQueue) save() error {
	if q.host.options.QueueFile == "" {
		return nil
	}
	q.mu.Lock()
	raw, err := json.Marshal(q.messages)
	q.mu.Unlock()
	if err != nil {
		return err
	}
	fresh := q.host.options.QueueFile + ".new"
	if err := os.WriteFile(fresh, raw, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, q.host.options.QueueFile)
}
