package sandbox

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"time"

	"example.org/airlock/handler/inspect"
)

// Argument is the only argument of a program that is to be a child.
const Argument = "inspect-child"

// Serve is the child: it takes one task from in, does one step of it, and answers
// to out. It first takes everything from its process that the work does not need.
func Serve(in io.Reader, out io.Writer) error {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(50)
	debug.SetMemoryLimit(heapLimit * 3 / 4)
	if err := Confine(); err != nil {
		return err
	}
	kind, text, err := readFrame(in, maxAnswer)
	if err != nil {
		return err
	}
	var t task
	var limits inspect.Limits
	if kind != frameTask || json.Unmarshal(text, &t) != nil || json.Unmarshal(t.Limits, &limits) != nil {
		return errFrame
	}
	a, err := work(t, limits, &pipe{in: in, out: out, size: t.Size})
	if err != nil {
		return err
	}
	text, err = json.Marshal(a)
	if err != nil {
		return fmt.Errorf("sandbox: answer: %w", err)
	}
	return writeFrame(out, frameDone, text)
}

// work does one step.
func work(t task, limits inspect.Limits, src inspect.Source) (answer, error) {
	until := time.Now().Add(time.Duration(t.Millis) * time.Millisecond)
	file := inspect.NewFile(t.Name, t.Size, limits)
	if len(t.Kept) > 0 {
		resumed, err := inspect.Resume(t.Name, t.Kept)
		if err == nil {
			file = resumed
		} else if !errors.Is(err, inspect.ErrState) { // a state is a cache: without it, the file is begun again
			return answer{}, err
		}
	}
	cached, late := inspect.Cached(src), func() bool { return time.Now().After(until) }
	done, err := file.Step(cached, late)
	if errors.Is(err, inspect.ErrState) {
		file = inspect.NewFile(t.Name, t.Size, limits)
		done, err = file.Step(cached, late)
	}
	if err != nil {
		return answer{}, err
	}
	a := answer{Done: done}
	if a.Kept, err = file.State(); err != nil {
		return answer{}, err
	}
	if a.Report, err = json.Marshal(file.Report()); err != nil {
		return answer{}, fmt.Errorf("sandbox: answer: %w", err)
	}
	return a, nil
}

// pipe is a Source that asks the parent.
type pipe struct {
	in   io.Reader
	out  io.Writer
	size int64
}

func (p *pipe) Size() int64 { return p.size }

func (p *pipe) ReadAt(b []byte, offset int64) (int, error) {
	ask := binary.BigEndian.AppendUint64(nil, uint64(offset)) //nolint:gosec // not negative
	ask = binary.BigEndian.AppendUint64(ask, uint64(len(b)))
	if err := writeFrame(p.out, frameRead, ask); err != nil {
		return 0, err
	}
	head := make([]byte, 5)
	if _, err := io.ReadFull(p.in, head); err != nil {
		return 0, fmt.Errorf("sandbox: read: %w", err)
	}
	if head[0] != frameBytes || int64(binary.BigEndian.Uint32(head[1:])) != int64(len(b)) {
		return 0, errFrame
	}
	n, err := io.ReadFull(p.in, b) // without a copy: blocks are large
	if err != nil {
		return n, fmt.Errorf("sandbox: read: %w", err)
	}
	return n, nil
}
