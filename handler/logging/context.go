package logging

import (
	"context"
	"log/slog"
	"slices"
)

type contextKey struct{}

// With returns a context that carries name and value into every line logged with
// it. A later value replaces an earlier one of the same name. name is one of this
// package's constants; value must be no secret and no text of a caller's choice.
func With(ctx context.Context, name, value string) context.Context {
	attrs, _ := ctx.Value(contextKey{}).([]slog.Attr)
	attrs = slices.DeleteFunc(slices.Clone(attrs), func(a slog.Attr) bool { return a.Key == name })
	return context.WithValue(ctx, contextKey{}, append(attrs, slog.String(name, value)))
}

// Handler returns a handler that adds to each line the values of its context,
// unless the line says it itself.
func Handler(to slog.Handler) slog.Handler { return handler{to} }

type handler struct{ slog.Handler }

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	attrs, _ := ctx.Value(contextKey{}).([]slog.Attr)
	if len(attrs) == 0 {
		return h.Handler.Handle(ctx, r)
	}
	said := map[string]bool{}
	r.Attrs(func(a slog.Attr) bool { said[a.Key] = true; return true })
	r = r.Clone()
	for _, a := range attrs {
		if !said[a.Key] {
			r.AddAttrs(a)
		}
	}
	return h.Handler.Handle(ctx, r)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
