package funchost

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
)

// outputLimit bounds a line of the handler that never ends.
const outputLimit = 1 << 20

// output turns a process's stream into log lines. Stdout is information; stderr
// is an error, or a warning if the line says "warn" (WorkerProcess.cs).
type output struct {
	host   *Host
	stderr bool
	rest   []byte
}

// Write logs every complete line; it never fails.
func (o *output) Write(p []byte) (int, error) {
	o.rest = append(o.rest, p...)
	for {
		i := bytes.IndexByte(o.rest, '\n')
		if i < 0 && len(o.rest) < outputLimit {
			return len(p), nil
		}
		if i < 0 {
			i = len(o.rest) - 1
		}
		o.line(string(bytes.TrimRight(o.rest[:i], "\r")))
		o.rest = o.rest[i+1:]
	}
}

// flush logs a last line without an end.
func (o *output) flush() {
	if len(o.rest) > 0 {
		o.line(string(o.rest))
		o.rest = nil
	}
}

func (o *output) line(text string) {
	level := slog.LevelInfo
	if o.stderr {
		level = slog.LevelError
		if strings.Contains(strings.ToLower(text), "warn") {
			level = slog.LevelWarn
		}
	}
	o.host.remember(text)
	o.host.log.Log(context.Background(), level, text)
}
