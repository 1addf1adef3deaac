package workflow

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// arrows are the uses of one file's names in another, "from → to", found by
// go/types. Imports are left unresolved: names of other packages are no arrows
// of this one.
func arrows(t *testing.T) map[[2]string]string {
	t.Helper()
	set := token.NewFileSet()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	var files []*ast.File
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			file, err := parser.ParseFile(set, e.Name(), nil, 0)
			require.NoError(t, err)
			files = append(files, file)
		}
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	config := types.Config{Importer: importer.Default(), Error: func(error) {}}
	pkg, _ := config.Check("workflow", set, files, info)
	found := map[[2]string]string{}
	for id, obj := range info.Uses {
		if obj.Pkg() != pkg || !obj.Pos().IsValid() || local(obj) {
			continue
		}
		from, to := filepath.Base(set.Position(id.Pos()).Filename), filepath.Base(set.Position(obj.Pos()).Filename)
		if from != to {
			found[[2]string{from, to}] = obj.Name()
		}
	}
	return found
}

// local reports whether a name lives inside a function.
func local(obj types.Object) bool {
	if v, ok := obj.(*types.Var); ok && v.IsField() {
		return false
	}
	if _, ok := obj.(*types.Func); ok {
		return false
	}
	return obj.Parent() != obj.Pkg().Scope()
}

// readingOrder is the order in which the files explain themselves: first what people
// and events call, last what all of them use.
var readingOrder = strings.Fields(`
scan parked health operations seal reconcile registry simulate daily submit create import draft replace comment quota background advance copyout timeouts copyin quarantine sweep standing move gate_speak gate_read link latemalware receipt prove export find earlier anchored read faults due expiry clean gates gate_inspect gate_pass gate_runs gate_progress kept scanrecord held claim edit cancel retry giveup hold compare anchor damage recovering review gate_ack gate_findings gate_messages turn access change service soon recent turnstile hourly silentscanners seen texts ports outgoing`)

// mostUphill bounds the arrows that run back up the order. Each makes a reader
// turn back; a helper that is used further down belongs further down.
const mostUphill = 12

func TestFewArrowsRunUphill(t *testing.T) {
	at := map[string]int{}
	for i, name := range readingOrder {
		at[name+".go"] = i
	}
	var uphill []string
	for arrow, name := range arrows(t) {
		for _, file := range arrow {
			_, known := at[file]
			require.True(t, known, "put %s where it belongs in readingOrder", file)
		}
		if at[arrow[0]] > at[arrow[1]] {
			uphill = append(uphill, arrow[0]+" → "+arrow[1]+" ("+name+")")
		}
	}
	slices.Sort(uphill)
	assert.LessOrEqual(t, len(uphill), mostUphill, "move a helper down to where it is used:\n%s", strings.Join(uphill, "\n"))
}
