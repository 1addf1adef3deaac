package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
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

// enums collects the words that the policy's tags allow for each of its named types.
func enums(of reflect.Type, seen map[reflect.Type]bool, all map[string][]string) {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice || of.Kind() == reflect.Map {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || seen[of] {
		return
	}
	seen[of] = true
	for field := range of.Fields() {
		if enum := field.Tag.Get("enum"); enum != "" && field.Type.PkgPath() == reflect.TypeFor[airlock.Policy]().PkgPath() {
			for _, value := range strings.Split(enum, ",") {
				if name := field.Type.Name(); !slices.Contains(all[name], value) {
					all[name] = append(all[name], value)
				}
			}
		}
		enums(field.Type, seen, all)
	}
}

// A new kind, mode or choice can be set where the policy's schema allows it, and only there.
func TestThePolicyAllowsEveryChoice(t *testing.T) {
	all := map[string][]string{}
	enums(reflect.TypeFor[airlock.Policy](), map[reflect.Type]bool{}, all)
	require.NotEmpty(t, all)
	delete(all, "Role") // a policy names roles of the workspace alone
	for name, allowed := range all {
		var declared []string
		for _, text := range constants(t, "airlock", name) {
			declared = append(declared, text)
		}
		assert.ElementsMatch(t, declared, allowed, "the constants of airlock.%s and the enum tags of the policy's members differ", name)
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

// A gate of a kind that these places do not know would wait for its deadline, and for nothing else.
func TestEveryKindOfGateIsKnownWhereGatesRun(t *testing.T) {
	for place, what := range map[string]string{
		"airlock/policy_gates.go": "what a policy may not say of it",
		"airlock/gate_run.go":     "who may speak for it, and whether a request waits for it",
		"workflow/gate_runs.go":   "how it begins",
	} {
		text, err := os.ReadFile(place)
		require.NoError(t, err)
		_, code, _ := strings.Cut(string(text), "\nfunc ") // without the declaration of the constant
		for name := range constants(t, "airlock", "GateKind") {
			assert.True(t, strings.Contains(code, name), "say in %s of the kind %s: %s", place, name, what)
		}
	}
}

// Other tests ask for the rule and the words of each notice in the list.
func TestEveryNoticeIsInItsList(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "airlock/event.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	found := 0
	for n := range ast.Preorder(file) {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Notice") {
			continue
		}
		found++
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		assert.Contains(t, airlock.Notices(), text, "add %s to Notices()", spec.Names[0].Name)
	}
	require.NotZero(t, found)
}

func texts[T ~string](all []T) (out []string) {
	for _, one := range all {
		out = append(out, string(one))
	}
	return out
}
