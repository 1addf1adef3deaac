package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// schema is what the portal's types need of a JSON schema.
type schema struct {
	Ref                  string            `json:"$ref"`
	Type                 any               `json:"type"` // a name or several
	Enum                 []any             `json:"enum"`
	Properties           map[string]schema `json:"properties"`
	Required             []string          `json:"required"`
	Items                *schema           `json:"items"`
	AdditionalProperties json.RawMessage   `json:"additionalProperties"`
	AnyOf                []schema          `json:"anyOf"`
	Description          string            `json:"description"`
}

func writeTypes(document, out string) error {
	raw, err := os.ReadFile(document) //nolint:gosec // the repository's own file
	if err != nil {
		return err
	}
	text, err := typesOf(raw)
	if err != nil {
		return err
	}
	return os.WriteFile(out, []byte(text), 0o600) //nolint:gosec // where the Makefile wants it
}

// typesOf writes the schemas of an OpenAPI document as types of TypeScript, by name.
func typesOf(document []byte) (string, error) {
	var d struct {
		Components struct {
			Schemas map[string]schema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(document, &d); err != nil {
		return "", err
	}
	var out strings.Builder
	out.WriteString("// Generated from docs/openapi.json for `make portal-check`: the service's answers and what it takes.\n")
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		s := d.Components.Schemas[name]
		if s.Properties == nil {
			fmt.Fprintf(&out, "\nexport type %s = %s;\n", name, s.typeScript())
			continue
		}
		fmt.Fprintf(&out, "\nexport interface %s {\n", name)
		for _, member := range slices.Sorted(maps.Keys(s.Properties)) {
			p := s.Properties[member]
			if p.Description != "" {
				fmt.Fprintf(&out, "  /** %s */\n", strings.ReplaceAll(p.Description, "*/", "*\\/"))
			}
			fmt.Fprintf(&out, "  %s;\n", s.member(member))
		}
		out.WriteString("}\n")
	}
	return out.String(), nil
}

func (s schema) member(name string) string {
	p, mark := s.Properties[name], "?"
	if slices.Contains(s.Required, name) {
		mark = ""
	}
	if !plain.MatchString(name) {
		name = strconv.Quote(name)
	}
	return name + mark + ": " + p.typeScript()
}

// plain is a name that TypeScript takes without quotes.
var plain = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// typeScript is the type of a value that the schema describes.
func (s schema) typeScript() string {
	switch {
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case len(s.AnyOf) > 0:
		var some []string
		for _, one := range s.AnyOf {
			some = append(some, one.typeScript())
		}
		return strings.Join(some, " | ")
	case len(s.Enum) > 0:
		var words []string
		for _, word := range s.Enum {
			raw, err := json.Marshal(word)
			if err != nil {
				return "unknown"
			}
			words = append(words, string(raw))
		}
		return strings.Join(words, " | ")
	}
	var some []string
	names, several := s.Type.([]any)
	if !several {
		names = []any{s.Type}
	}
	for _, name := range names {
		some = append(some, s.named(name))
	}
	return strings.Join(some, " | ")
}

func (s schema) named(name any) string {
	switch name {
	case "string", "boolean", "null":
		return fmt.Sprint(name)
	case "integer", "number":
		return "number"
	case "array":
		if s.Items == nil {
			return "unknown[]"
		}
		return "(" + s.Items.typeScript() + ")[]"
	case "object":
		var members []string
		for _, member := range slices.Sorted(maps.Keys(s.Properties)) {
			members = append(members, s.member(member))
		}
		if len(members) > 0 {
			return "{ " + strings.Join(members, "; ") + " }"
		}
		var more schema
		if json.Unmarshal(s.AdditionalProperties, &more) == nil {
			return "Record<string, " + more.typeScript() + ">"
		}
		return "Record<string, unknown>"
	}
	return "unknown"
}
