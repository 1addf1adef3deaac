package infratest

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Function is one folder of functions/.
type Function struct {
	Name       string
	Trigger    string // httpTrigger, eventGridTrigger, blobTrigger, timerTrigger
	Path       string // blob trigger
	Source     string
	Connection string
	Schedule   string // timer trigger
}

// ReadFunctions reads functions/*/function.json. A folder without a trigger is
// an error: the host would leave the function out in silence.
func ReadFunctions(dir string) ([]Function, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "function.json"))
	if err != nil {
		return nil, err
	}
	var list []Function
	for _, file := range files {
		raw, err := os.ReadFile(file) //nolint:gosec // the repository's own file
		if err != nil {
			return nil, err
		}
		var doc struct {
			Bindings []struct{ Type, Path, Source, Connection, Schedule string }
		}
		if err := json.Unmarshal(raw, &doc); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		f := Function{Name: filepath.Base(filepath.Dir(file))}
		for _, b := range doc.Bindings {
			if strings.HasSuffix(b.Type, "Trigger") {
				f.Trigger, f.Path, f.Source, f.Connection, f.Schedule = b.Type, b.Path, b.Source, b.Connection, b.Schedule
			}
		}
		if f.Trigger == "" {
			return nil, fmt.Errorf("%s: no trigger", file)
		}
		list = append(list, f)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: no functions", dir)
	}
	return list, nil
}

var settingName = regexp.MustCompile(`^AIRLOCK_[A-Z][A-Z0-9_]*[A-Z0-9]$`)

// ReadSettings lists the AIRLOCK_ settings a Go source file knows: every string
// literal of that form.
func ReadSettings(file string) ([]string, error) {
	var names []string
	err := eachLiteral(file, func(text string) {
		if settingName.MatchString(text) {
			names = append(names, text)
		}
	})
	slices.Sort(names)
	return slices.Compact(names), err
}

func eachLiteral(file string, visit func(text string)) error {
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		return err
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				visit(text)
			}
		}
		return true
	})
	return nil
}

// ReadAlertCodes lists what follows the literal "alert" in the log calls below a
// folder, tests left out: the codes operators are woken by.
func ReadAlertCodes(dir string) ([]string, error) {
	var codes []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			for i := 0; i+1 < len(call.Args); i++ {
				if literal(call.Args[i]) == "alert" && literal(call.Args[i+1]) != "" {
					codes = append(codes, literal(call.Args[i+1]))
				}
			}
			return true
		})
		return nil
	})
	slices.Sort(codes)
	return slices.Compact(codes), err
}

func literal(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		text, _ := strconv.Unquote(lit.Value)
		return text
	}
	return ""
}

// ReadConstants lists the string constants of one named type in a file, e.g. the
// statuses.
func ReadConstants(file, typeName string) ([]string, error) {
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		return nil, err
	}
	var values []string
	ast.Inspect(tree, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); ok && id.Name == typeName {
			for _, v := range spec.Values {
				values = append(values, literal(v))
			}
		}
		return true
	})
	if len(values) == 0 {
		return nil, fmt.Errorf("%s: no constants of type %s", file, typeName)
	}
	return values, nil
}
