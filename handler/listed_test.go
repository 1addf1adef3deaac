package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// constants returns the texts of a folder's constants of a type, by their names.
func constants(t *testing.T, folder, of string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)
	found := map[string]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if named, ok := spec.Type.(*ast.Ident); !ok || named.Name != of || len(spec.Values) != 1 {
				return true
			}
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				found[spec.Names[0].Name], err = strconv.Unquote(literal.Value)
				require.NoError(t, err)
			}
			return true
		})
	}
	require.NotEmpty(t, found)
	return found
}

// A constant that its list lacks is one that documents, schemas and other tests never see.
func TestEveryConstantIsInItsList(t *testing.T) {
	for _, kind := range []struct {
		folder, of, list string
		listed           []string
		apart            []string // constants that stand for none
	}{
		{"airlock", "Status", "Statuses()", texts(airlock.Statuses()), []string{"NoStatus", "StatusBeforeFailure"}},
		{"airlock", "Trigger", "Triggers()", texts(airlock.Triggers()), nil},
		{"airlock", "Action", "Actions()", texts(airlock.Actions()), nil},
		{"audit", "Action", "Actions()", texts(audit.Actions()), nil},
	} {
		var declared []string
		for name, text := range constants(t, kind.folder, kind.of) {
			if !slices.Contains(kind.apart, name) {
				declared = append(declared, text)
			}
		}
		assert.ElementsMatch(t, declared, kind.listed, "add the new constant of %s.%s to %s", kind.folder, kind.of, kind.list)
	}
}

// People read the name of a status, not its code, in the command line and the portal.
func TestEveryStatusHasANameForPeople(t *testing.T) {
	for _, place := range []string{"../client/airlock/text.go", "../portal/src/text/en.ts", "../portal/src/text/de.ts", "../portal/src/parts/status.tsx"} {
		text, err := os.ReadFile(place)
		require.NoError(t, err)
		for _, status := range airlock.Statuses() {
			assert.Regexp(t, `\b`+string(status)+`"?:`, string(text), "name the status %s in %s", status, place)
		}
	}
}

func texts[T ~string](all []T) (out []string) {
	for _, one := range all {
		out = append(out, string(one))
	}
	return out
}
