// Package logging writes the program's log: lines of JSON without secrets, each
// with the invocation, the request and the workspace that it is about.
package logging

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
)

// The names of what a context can carry into every line.
const (
	Function   = "function"   // the Azure function that was called
	Invocation = "invocation" // the host's id of the call
	Event      = "event"
	Workspace  = "workspace"
	Request    = "request"
)

// New returns a logger of JSON lines. Errors carry URLs and URLs carry
// signatures, so a last filter takes secrets out of every line, of every author.
func New(w io.Writer) *slog.Logger {
	return slog.New(Handler(slog.NewJSONHandler(w, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			switch a.Value.Kind() {
			case slog.KindString:
				a.Value = slog.StringValue(Redacted(a.Value.String()))
			case slog.KindAny:
				if _, structured := a.Value.Any().([]string); !structured {
					a.Value = slog.StringValue(Redacted(fmt.Sprint(a.Value.Any())))
				}
			}
			return a
		},
	})))
}

var secrets = regexp.MustCompile(`(?i)(\bsig=|\bskoid=|"?signature"?[:=]\s*"?|bearer\s+)[^&\s"',}]+`)

// Redacted replaces signatures of links and credentials of callers.
func Redacted(s string) string { return secrets.ReplaceAllString(s, "${1}[redacted]") }
