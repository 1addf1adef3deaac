package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mayImport lists, for each package, the handler's own packages it may import.
// An arrow that is not listed is a design change and deserves a review.
var mayImport = map[string][]string{
	"airlock":            {"inspect"}, // the policy names its rules
	"audit":              {"airlock"},
	"azure":              {"airlock"},
	"azuretre":           {"airlock"}, // reads their documents
	"parallel":           nil,
	"transfer":           {"airlock", "parallel"}, // moves bytes and cannot decide
	"workflow/storetest": {"airlock", "audit"},    // for tests: what a store of requests does
	"workflow":           {"logging", "airlock", "audit", "inspect", "inspect/sandbox", "parallel", "transfer"},
	"logging":            nil,
	"outbox":             {"airlock"},
	"identity":           {"airlock"},
	"httpapi":            {"logging", "airlock", "audit", "doctor", "identity", "inspect", "wording", "workflow"},
	"events":             {"logging", "airlock"},
	"tablestore":         {"airlock", "audit", "azure"},
	"blobstore":          {"airlock", "azure"},
	"eventgrid":          {"airlock", "azure"},
	"keys":               {"airlock", "azure"},
	"wording":            {"airlock"},
	"notify":             {"airlock", "azure", "wording"},
	"doctor":             {"airlock"},
	"portal":             nil,
	"inspect":            nil, // looks inside files; knows nothing of the airlock
	"inspect/sandbox":    {"inspect"},
	"airlock-verify":     nil, // shares no code with what it verifies
}

// clientMayImport is the same for the programs of people, beside the handler's rules
// (package airlock), which both sides judge files by.
var clientMayImport = map[string][]string{
	"client":                   nil,
	"client/signin":            {"client"},
	"client/proof":             nil, // shares no code with what it verifies
	"client/blobs":             {"handler/airlock"},
	"client/gate":              {"client", "client/blobs"},
	"client/airlock-gate-test": nil, // plays the service, and shares no code with the gates it tries
	"client/airlock":           {"client", "client/signin", "client/proof", "client/blobs", "handler/airlock", "handler/inspect", "handler/wording"},
}

func TestClientLayers(t *testing.T) {
	const root = "example.org/airlock/"
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", root+"client/...").Output()
	require.NoError(t, err)
	seen := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg := strings.TrimPrefix(fields[0], root)
		allowed, listed := clientMayImport[pkg]
		assert.True(t, listed, "package %s has no row in clientMayImport", pkg)
		seen++
		for _, imported := range fields[1:] {
			if dep, own := strings.CutPrefix(imported, root); own {
				assert.Contains(t, allowed, dep, "%s must not import %s", pkg, dep)
			}
		}
	}
	assert.Equal(t, len(clientMayImport), seen, "a row in clientMayImport without a package")
}

// pure packages do no I/O.
var pure = []string{"airlock", "audit", "azuretre", "inspect", "wording"}

// sequential packages have nothing that runs side by side. `make test` tests them
// without the race detector, which makes them several times slower (see the Makefile).
var sequential = []string{"airlock", "azuretre", "inspect", "inspect/sandbox", "wording"}

func TestSequentialPackagesStartNothing(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	assert.Contains(t, string(makefile), "\nSEQUENTIAL = $(addprefix ./handler/,"+strings.Join(sequential, " ")+")\n")
	for _, pkg := range sequential {
		files, err := filepath.Glob(pkg + "/*.go")
		require.NoError(t, err)
		require.NotEmpty(t, files, pkg)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			for n := range ast.Preorder(file) {
				_, starts := n.(*ast.GoStmt)
				assert.False(t, starts, "%s starts a goroutine: take %s out of sequential and SEQUENTIAL", name, pkg)
				// sync.OnceValue hands out one value and guards nothing that changes; sync.Pool gives each caller one of its own.
				if use, ok := n.(*ast.SelectorExpr); ok && use.Sel.Name != "OnceValue" && use.Sel.Name != "Pool" {
					from, _ := use.X.(*ast.Ident)
					assert.False(t, from != nil && slices.Contains([]string{"sync", "atomic", "errgroup"}, from.Name), "%s guards something from others: take %s out of sequential and SEQUENTIAL", name, pkg)
				}
			}
		}
	}
}

func TestLayers(t *testing.T) {
	const root = "example.org/airlock/handler/"
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "./...").Output()
	require.NoError(t, err)
	seen := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg, ok := strings.CutPrefix(fields[0], root)
		if !ok {
			continue // package main wires everything
		}
		seen++
		allowed, listed := mayImport[pkg]
		assert.True(t, listed, "package %s has no row in mayImport", pkg)
		for _, imported := range fields[1:] {
			if dep, own := strings.CutPrefix(imported, root); own {
				assert.Contains(t, allowed, dep, "%s must not import %s", pkg, dep)
			}
			assert.False(t, strings.HasPrefix(imported, "example.org/airlock/localcloud"), "%s: production code knows no local cloud", pkg)
			if slices.Contains(pure, pkg) {
				assert.NotContains(t, []string{"os", "net", "net/http", "io/fs", "database/sql"}, imported, "%s does no I/O", pkg)
			}
			if pkg == "airlock" {
				assert.NotContains(t, strings.TrimPrefix(strings.TrimPrefix(imported, root), "golang.org/x/text/"), ".", "the rules use the standard library and the tables of Unicode only")
			}
		}
	}
	assert.Equal(t, len(mayImport), seen, "a row in mayImport without a package")
}
