package funchost

import (
	"fmt"
	"strconv"
	"strings"
)

// route is an ASP.NET route template, as far as function.json needs it: literal
// segments, {parameters} that fill a segment, with constraints and "?", and a
// final {*catchAll}.
type route []segment

type segment struct {
	literal     string
	parameter   string
	optional    bool
	catchAll    bool
	constraints []constraint
}

type constraint func(value string) bool

// parseRoute refuses templates it would match differently from ASP.NET.
func parseRoute(template string) (route, error) {
	var r route
	parts := strings.Split(template, "/")
	for i, part := range parts {
		inner, isParameter := strings.CutPrefix(part, "{")
		if !isParameter {
			if part == "" || strings.ContainsAny(part, "{}?~") {
				return nil, fmt.Errorf("route %q: segment %q is not supported here", template, part)
			}
			r = append(r, segment{literal: part})
			continue
		}
		inner, closed := strings.CutSuffix(inner, "}")
		if !closed || strings.ContainsAny(inner, "{}") {
			return nil, fmt.Errorf("route %q: segment %q is not supported here", template, part)
		}
		s, err := parseParameter(inner)
		if err != nil {
			return nil, fmt.Errorf("route %q: %w", template, err)
		}
		if (s.catchAll || s.optional) && i != len(parts)-1 {
			return nil, fmt.Errorf("route %q: {%s} must be last", template, inner)
		}
		r = append(r, s)
	}
	return r, nil
}

func parseParameter(inner string) (segment, error) {
	trimmed := strings.TrimLeft(inner, "*")
	s := segment{catchAll: trimmed != inner}
	inner, s.optional = strings.CutSuffix(trimmed, "?")
	parts := strings.Split(inner, ":")
	if s.parameter = parts[0]; s.parameter == "" || strings.Contains(inner, "=") {
		return s, fmt.Errorf("parameter {%s} is not supported here", inner)
	}
	for _, text := range parts[1:] {
		c, err := parseConstraint(text)
		if err != nil {
			return s, err
		}
		s.constraints = append(s.constraints, c)
	}
	return s, nil
}

func parseConstraint(text string) (constraint, error) {
	name, argument, _ := strings.Cut(text, "(")
	least, most, between := strings.Cut(strings.TrimSuffix(argument, ")"), ",")
	n, err := strconv.Atoi(least)
	switch {
	case name == "length" && between && err == nil:
		limit, err := strconv.Atoi(most)
		return func(v string) bool { l := len([]rune(v)); return n <= l && l <= limit }, err
	case between:
		return nil, fmt.Errorf("constraint %q is not known here", text)
	case text == "guid":
		return isGUID, nil
	case text == "int":
		return func(v string) bool { _, err := strconv.ParseInt(v, 10, 32); return err == nil }, nil
	case text == "alpha":
		return func(v string) bool {
			return strings.Trim(strings.ToLower(v), "abcdefghijklmnopqrstuvwxyz") == ""
		}, nil
	case name == "length" && err == nil:
		return func(v string) bool { return len([]rune(v)) == n }, nil
	case name == "length":
		return parseLengths(argument)
	case name == "minlength" && err == nil:
		return func(v string) bool { return len([]rune(v)) >= n }, nil
	case name == "maxlength" && err == nil:
		return func(v string) bool { return len([]rune(v)) <= n }, nil
	}
	return nil, fmt.Errorf("constraint %q is not known here", text)
}

// parseLengths reads the two bounds of length(2,31).
func parseLengths(argument string) (constraint, error) {
	least, most, _ := strings.Cut(argument, ",")
	from, errFrom := strconv.Atoi(least)
	to, errTo := strconv.Atoi(most)
	if errFrom != nil || errTo != nil {
		return nil, fmt.Errorf("constraint \"length(%s)\" is not known here", argument)
	}
	return func(v string) bool { n := len([]rune(v)); return from <= n && n <= to }, nil
}

// match compares with a decoded path, as ASP.NET does: literals ignore case, one
// trailing slash does not count, an empty segment matches no parameter.
func (r route) match(path string) bool {
	path = strings.TrimPrefix(path, "/")
	path = strings.TrimSuffix(path, "/")
	var parts []string
	if path != "" {
		parts = strings.Split(path, "/")
	}
	for i, s := range r {
		if s.catchAll {
			return s.allows(strings.Join(parts[min(i, len(parts)):], "/"))
		}
		if i >= len(parts) {
			return s.optional && i == len(r)-1
		}
		if s.parameter == "" {
			if !strings.EqualFold(s.literal, parts[i]) {
				return false
			}
		} else if parts[i] == "" || !s.allows(parts[i]) {
			return false
		}
	}
	return len(parts) <= len(r)
}

func (s segment) allows(value string) bool {
	for _, c := range s.constraints {
		if !c(value) {
			return false
		}
	}
	return true
}

// before orders routes that may match the same path: literals before parameters,
// constrained parameters before free ones, a catch-all last.
func (r route) before(other route) int {
	for i := range min(len(r), len(other)) {
		if d := r[i].rank() - other[i].rank(); d != 0 {
			return d
		}
	}
	return len(other) - len(r)
}

func (s segment) rank() int {
	switch {
	case s.catchAll:
		return 3
	case s.parameter == "":
		return 0
	case len(s.constraints) > 0:
		return 1
	}
	return 2
}
