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

// Lifecycle reads the facts that a plan does not tell: which resources an apply must not
// destroy, and what it leaves to others, as "module: type.name prevent_destroy"
// and "module: type.name ignore_changes [a, b]". It relies on terraform fmt.
func Lifecycle(infra string, modules ...string) ([]string, error) {
	var list []string
	for _, module := range modules {
		files, err := filepath.Glob(filepath.Join(infra, module, "*.tf"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			raw, err := os.ReadFile(file) //nolint:gosec // the repository's own file
			if err != nil {
				return nil, err
			}
			for _, m := range resourceBlock.FindAllStringSubmatch(string(raw), -1) {
				for _, l := range lifecycleLine.FindAllStringSubmatch(m[3], -1) {
					if l[1] == "ignore_changes" {
						l[1] += " " + l[2]
					} else if l[2] != "true" {
						continue
					}
					list = append(list, module+": "+m[1]+"."+m[2]+" "+l[1])
				}
			}
		}
	}
	return list, nil
}

var (
	resourceBlock = regexp.MustCompile(`(?ms)^resource "(\w+)" "(\w+)" \{\n(.*?)^\}`)
	lifecycleLine = regexp.MustCompile(`(?m)^    (prevent_destroy|ignore_changes) += (.*)$`)
)

// promisedLifecycle: the record is not destroyed, and an apply does not undo what
// belongs to others.
var promisedLifecycle = []string{
	"core: azurerm_storage_account.state prevent_destroy",
	"core: azapi_resource.table prevent_destroy",
	"core: azurerm_storage_account.evidence prevent_destroy",
	"core: azapi_resource.signing_key prevent_destroy",
	"stage: azurerm_storage_account.stage ignore_changes [network_rules[0].private_link_access]",
	"notifier: azurerm_api_connection.mail ignore_changes [parameter_values]",
}

// MatchLifecycle compares them, both ways.
func MatchLifecycle(infra string) []string {
	var f findings
	got, err := Lifecycle(infra, "core", "stage", "workspace", "notifier", example)
	if err != nil {
		return []string{err.Error()}
	}
	f.same("protected", promisedLifecycle, got)
	return f
}

var blobWebhook = regexp.MustCompile(`"https://\$\{local\.app_hostname\}/runtime/webhooks/blobs\?functionName=Host\.Functions\.(\w+)&code=`)

// MatchWebhooks compares the blob triggers with the addresses that feed them. The
// host makes the key in them during the apply, so no plan knows them.
func MatchWebhooks(infra string, functions []Function) []string {
	var f findings
	var want, got []string
	for _, fn := range functions {
		if fn.Trigger == "blobTrigger" {
			want = append(want, fn.Name)
		}
	}
	raw, err := os.ReadFile(filepath.Join(infra, "core", "topics.tf")) //nolint:gosec // the repository's own file
	if err != nil {
		return []string{err.Error()}
	}
	for _, m := range blobWebhook.FindAllStringSubmatch(string(raw), -1) {
		got = append(got, m[1])
	}
	f.same("functions fed through the blob webhook", want, got)
	return f
}

// secretName is the one secret of the vault.
const secretName = "airlock-state-key"

// MatchSecrets asks the source, since no plan knows it, for where secret.sh writes.
func MatchSecrets(infra string) []string {
	var f findings
	raw, err := os.ReadFile(filepath.Join(infra, "core", "vault.tf")) //nolint:gosec // the repository's own file
	if err != nil {
		return []string{err.Error()}
	}
	const place = `SECRET_ID = "${azurerm_key_vault.airlock.id}/secrets/` + secretName + `"`
	f.unless(strings.Count(string(raw), place) == 1, "secret.sh does not write %s", secretName)
	return f
}
