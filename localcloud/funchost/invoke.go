package funchost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.org/airlock/localcloud/event"
)

// ErrUnknownFunction means that no such function is loaded.
var ErrUnknownFunction = errors.New("funchost: no such function")

var errTimedOut = errors.New("functionTimeout: the handler is killed")

// Invoke runs a trigger function as its trigger would, and returns why the host
// counts the invocation as failed. data is the event of an Event Grid trigger,
// "container/blob" for a blob trigger, and not looked at for a timer.
func (h *Host) Invoke(ctx context.Context, function string, data any) error {
	f := h.functions[strings.ToLower(function)]
	if f == nil {
		return fmt.Errorf("%w: %s", ErrUnknownFunction, function)
	}
	switch f.trigger.Type {
	case eventGridTrigger:
		raw, err := json.Marshal(data)
		if err != nil {
			return err
		}
		return h.invokeEvents(ctx, f, []json.RawMessage{raw})
	case timerTrigger:
		return h.invoke(ctx, f, f.timerEnvelope(nil))
	case blobTrigger:
		path, _ := data.(string)
		container, name, _ := strings.Cut(path, "/")
		return h.blobs.deliver(ctx, blobMessage{Function: f.name, Container: container, Name: name})
	}
	return fmt.Errorf("funchost: %s has no trigger to invoke by hand", f.name)
}

// invoke posts the envelope to the handler and judges the answer. It does not
// stop when ctx is cancelled once the handler has the request: the host has no
// way to take an invocation back.
func (h *Host) invoke(ctx context.Context, f *function, e envelope) error {
	body, err := e.body()
	if err != nil {
		return err
	}
	err = h.call(ctx, func(ctx context.Context, w *worker) (*http.Request, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+w.address+"/"+f.name, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		request.ContentLength = -1 // the host streams it in chunks
		request.Header.Set("Content-Type", "application/json; charset=utf-8")
		request.Header.Set("X-Azure-Functions-HostVersion", hostVersion)
		request.Header.Set("X-Azure-Functions-InvocationId", event.NewID())
		request.Header.Set("User-Agent", "Azure-Functions-Host/"+hostVersion)
		return request, nil
	}, h.judge)
	if err != nil {
		h.log.Warn("invocation failed", "function", f.name, "error", err)
	}
	return err
}

// call sends one request to a handler and hands the answer to use. It waits for a
// handler that restarts, and kills the handler when functionTimeout is over, and
// with it everything else that runs there.
func (h *Host) call(ctx context.Context, build func(context.Context, *worker) (*http.Request, error), use func(context.Context, *http.Response) error) error {
	i := h.pick()
	for {
		w, err := i.current(ctx)
		if err != nil {
			return err
		}
		err = h.callWorker(ctx, w, build, use)
		// If nothing was sent, because the handler has just died, the restart is waited
		// for. Asking also makes sure that whoever sees this failure and calls again
		// meets the next handler.
		if isBroken(err) && w.exitSoon() && isRefused(err) {
			continue
		}
		return err
	}
}

// isBroken says that the connection failed, not the answer.
func isBroken(err error) bool {
	var request *url.Error
	var network *net.OpError
	return errors.As(err, &request) || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF)
}

// exitSoon says whether the process that refused a connection is about to be
// restarted: not if it left with 0, or if it lives and doesn't listen.
func (w *worker) exitSoon() bool {
	select {
	case <-w.done:
		return w.exit != 0
	case <-time.After(100 * time.Millisecond):
		return false
	}
}

func (h *Host) callWorker(ctx context.Context, w *worker, build func(context.Context, *worker) (*http.Request, error), use func(context.Context, *http.Response) error) error {
	ctx = context.WithoutCancel(ctx)
	if h.app.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, h.app.timeout, errTimedOut)
		defer cancel()
	}
	request, err := build(ctx, w)
	if err != nil {
		return err
	}
	answer, err := h.client.Do(request)
	if err == nil {
		err = use(ctx, answer)
		answer.Body.Close()
	}
	if errors.Is(err, errHangs) {
		select { // nobody completes this invocation
		case <-ctx.Done():
		case <-w.done:
		}
	}
	if err != nil && errors.Is(context.Cause(ctx), errTimedOut) {
		h.log.Error("functionTimeout: killing the handler")
		w.spare.Store(true)
		w.kill()
		return errTimedOut
	}
	return err
}

// errHangs is an answer after which the host waits forever.
var errHangs = errors.New("empty answer: the invocation never completes")

// judge reads a trigger function's answer as strictly as the host.
func (h *Host) judge(_ context.Context, answer *http.Response) error {
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("the handler answered %d", answer.StatusCode)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if len(body) == 0 {
		return errHangs
	}
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" && kind != "text/json" {
		return fmt.Errorf("the handler answered with content type %q, not JSON", answer.Header.Get("Content-Type"))
	}
	if string(bytes.TrimSpace(body)) == "null" {
		return errHangs
	}
	var result struct {
		Outputs     map[string]any
		Logs        []string
		ReturnValue any
	}
	if err := json.Unmarshal(body, &result); err != nil {
		return fmt.Errorf("the handler's answer is not an invocation result: %w", err)
	}
	for _, line := range result.Logs {
		h.log.Info(line)
	}
	return nil
}
