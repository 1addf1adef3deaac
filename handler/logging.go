package main

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
)

// newLog returns a logger of JSON lines. Errors carry URLs and URLs carry
// signatures, so a last filter takes secrets out of every line, whatever wrote
// it.
func newLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			switch a.Value.Kind() {
			case slog.KindString:
				a.Value = slog.StringValue(redacted(a.Value.String()))
			case slog.KindAny:
				if _, structured := a.Value.Any().([]string); !structured {
					a.Value = slog.StringValue(redacted(fmt.Sprint(a.Value.Any())))
				}
			}
			return a
		},
	})).With("version", version, "commit", commit)
}

var secrets = regexp.MustCompile(`(?i)(\bsig=|\bskoid=|"?signature"?[:=]\s*"?|bearer\s+)[^&\s"',}]+`)

// redacted replaces what signs a link or identifies a caller.
func redacted(s string) string { return secrets.ReplaceAllString(s, "${1}[redacted]") }
