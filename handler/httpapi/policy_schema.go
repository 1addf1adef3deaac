package httpapi

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"example.org/airlock/handler/airlock"
)

// describePolicy makes the policy's schema known: every member is optional, and
// its default stands beside it. Members that it does not know are refused, unlike
// elsewhere: a misspelt rule must not pass for one that is in force.
func describePolicy(r huma.Registry) {
	register[Problem](r)
	register[airlock.Policy](r)
	fillDefaults(r, reflect.TypeFor[airlock.Policy](), reflect.ValueOf(airlock.DefaultPolicy()))
}

func fillDefaults(r huma.Registry, t reflect.Type, defaults reflect.Value) {
	schema := r.Schema(t, false, "")
	schema.Required, schema.AdditionalProperties = nil, false
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		member, value := schema.Properties[name], defaults.Field(i)
		switch {
		case value.Kind() == reflect.Struct:
			fillDefaults(r, value.Type(), value)
		case value.Kind() == reflect.Slice || value.Kind() == reflect.Map:
			member.Nullable = false
			closed(r, value.Type().Elem())
		case value.Kind() == reflect.String:
			member.Default = value.String()
		default:
			member.Default = value.Interface()
		}
	}
	schema.PrecomputeMessages()
}

// closed refuses members that the elements of a list or map do not have.
func closed(r huma.Registry, t reflect.Type) {
	if t.Kind() != reflect.Struct {
		return
	}
	schema := r.Schema(t, false, "")
	schema.AdditionalProperties = false
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if kind := t.Field(i).Type.Kind(); kind == reflect.Slice || kind == reflect.Map {
			schema.Properties[name].Nullable = false
			closed(r, t.Field(i).Type.Elem())
		}
	}
	schema.PrecomputeMessages()
}

// PolicySchema is the JSON Schema of a workspace's policy, for editors and for
// authors of one in Terraform.
func PolicySchema() []byte {
	const definitions = "#/$defs/"
	r := huma.NewMapRegistry(definitions, huma.DefaultSchemaNamer)
	describePolicy(r)
	all := r.Map()
	delete(all, "Problem")
	delete(all, "Violation")
	root := map[string]any{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:airlock:policy",
		"title": "Policy of an airlock workspace", "$ref": definitions + "Policy", "$defs": all}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		panic("httpapi: the policy's schema cannot be written: " + err.Error())
	}
	return b.Bytes()
}
