package sandbox

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"example.org/airlock/handler/inspect"
)

// ErrDied means that the child ended without an answer: it used up its memory or
// its time, or a scanner has a fault. The step may be tried again; a file whose
// steps keep dying at one place is one to give up (see GiveUp).
var ErrDied = errors.New("sandbox: the child process died")

// Runner starts children.
type Runner struct {
	// Program is the path of a program that calls Serve when its only argument is
	// Argument, e.g. os.Executable's answer.
	Program string
}

// File is a step's file.
type File struct {
	Name   string // to compare the type with the extension
	Limits inspect.Limits
}

// Outcome is where an inspection stands after a step.
type Outcome struct {
	Done   bool
	Kept   []byte         // for the next step: JSON of at most 1 MiB, without values of the file
	Report inspect.Report // the findings so far
}

// grace is how long a child may go on after its step should have ended, since some
// units of work are large: the first megabytes of a document's part, a picture. It is a variable for tests.
var grace = 10 * time.Second

// Step does one step of an inspection in a child process: kept is nil for the
// first one and the former outcome's then. The step is asked to end after the
// duration, and killed some seconds later, or when ctx ends. It returns ErrDied,
// ctx's error, or the Source's; the step may be repeated after each of them.
func (r Runner) Step(ctx context.Context, f File, kept []byte, src inspect.Source, within time.Duration) (Outcome, error) {
	limits, err := json.Marshal(f.Limits)
	if err != nil {
		return Outcome{}, fmt.Errorf("sandbox: limits: %w", err)
	}
	text, err := json.Marshal(task{Name: f.Name, Size: src.Size(), Limits: limits, Kept: kept, Millis: within.Milliseconds()})
	if err != nil {
		return Outcome{}, fmt.Errorf("sandbox: task: %w", err)
	}
	a, err := r.run(ctx, text, src, within+grace)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{Done: a.Done, Kept: a.Kept}
	if len(a.Kept) > 1<<20 || json.Unmarshal(a.Report, &o.Report) != nil || !o.Report.Plausible() {
		return Outcome{}, fmt.Errorf("%w: its answer is none", ErrDied)
	}
	return o, nil
}

// GiveUp ends an inspection whose steps keep dying: the report says so.
func GiveUp(f File, kept []byte, size int64) inspect.Report {
	file := inspect.NewFile(f.Name, size, f.Limits)
	if len(kept) > 0 {
		if resumed, err := inspect.Resume(f.Name, kept); err == nil {
			file = resumed
		}
	}
	file.GiveUp()
	return file.Report()
}

// run starts a child, serves it, and sees it end.
func (r Runner) run(ctx context.Context, task []byte, src inspect.Source, within time.Duration) (answer, error) {
	timed, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	cmd := exec.CommandContext(timed, r.Program, Argument) //nolint:gosec // this program itself
	cmd.Env, cmd.Dir = []string{}, "/"
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return answer{}, fmt.Errorf("sandbox: start: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return answer{}, fmt.Errorf("sandbox: start: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return answer{}, fmt.Errorf("sandbox: start: %w", err)
	}
	a, err := serve(in, out, task, src)
	cancel() // what it had to say is said
	_ = cmd.Wait()
	var reading *readError
	switch {
	case err == nil:
		return a, nil
	case errors.As(err, &reading):
		return answer{}, fmt.Errorf("sandbox: read for the child: %w", reading.err)
	case ctx.Err() != nil:
		return answer{}, fmt.Errorf("sandbox: %w", ctx.Err())
	case cmd.ProcessState != nil:
		return answer{}, fmt.Errorf("%w: %s", ErrDied, cmd.ProcessState)
	}
	return answer{}, ErrDied
}

// readError is an error of the Source.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

// serve gives the child its task and the ranges it asks for, until it answers.
func serve(in io.Writer, out io.Reader, text []byte, src inspect.Source) (answer, error) {
	if err := writeFrame(in, frameTask, text); err != nil {
		return answer{}, err
	}
	var buffer []byte
	for {
		kind, text, err := readFrame(out, maxAnswer)
		if err != nil {
			return answer{}, err
		}
		switch kind {
		case frameDone:
			var a answer
			d := json.NewDecoder(bytes.NewReader(text))
			d.DisallowUnknownFields()
			if err := d.Decode(&a); err != nil {
				return answer{}, errFrame
			}
			return a, nil
		case frameRead:
			if len(text) != 16 {
				return answer{}, errFrame
			}
			offset, n := binary.BigEndian.Uint64(text), binary.BigEndian.Uint64(text[8:])
			if n > maxRange || offset > uint64(src.Size()) || n > uint64(src.Size())-offset { //nolint:gosec // sizes are not negative
				return answer{}, errFrame
			}
			if uint64(len(buffer)) < n {
				buffer = make([]byte, n)
			}
			if m, err := src.ReadAt(buffer[:n], int64(offset)); m < int(n) { //nolint:gosec // both are within the file
				return answer{}, &readError{err}
			}
			if err := writeFrame(in, frameBytes, buffer[:n]); err != nil {
				return answer{}, err
			}
		default:
			return answer{}, errFrame
		}
	}
}
