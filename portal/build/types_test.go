package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTypesAreThoseOfTheSchema(t *testing.T) {
	made, err := typesOf([]byte(`{"components": {"schemas": {
		"Pair": {"type": "object", "required": ["a"], "properties": {
			"a": {"type": ["integer", "null"], "description": "A number."},
			"b": {"type": "array", "items": {"enum": ["x", "y", null], "type": "string"}},
			"c": {"$ref": "#/components/schemas/Map"}, "d": {"anyOf": [{"type": "boolean"}, {"type": "string"}]}, "e-f": {}}},
		"Map": {"type": "object", "additionalProperties": {"type": "string"}}}}}`))
	require.NoError(t, err)
	assert.Contains(t, made, "export type Map = Record<string, string>;\n")
	assert.Contains(t, made, "export interface Pair {\n  /** A number. */\n  a: number | null;\n  b?: (\"x\" | \"y\" | null)[];\n  c?: Map;\n  d?: boolean | string;\n  \"e-f\"?: unknown;\n}\n")
}
