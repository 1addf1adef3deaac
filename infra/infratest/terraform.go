package infratest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Workbench is a copy of infra/ in a temporary folder, so that a run leaves
// nothing behind and a copy can be damaged.
type Workbench struct {
	Dir string // holds core, workspace, ...
	ARM *ResourceManager
}

// modules are the folders of a copy of infra/.
var modules = []string{"stage", "core", "workspace", "notifier", "gate", "mocks", "examples"}

// NewWorkbench copies infra (the folder) to dir.
func NewWorkbench(infra, dir string, arm *ResourceManager) (*Workbench, error) {
	for _, module := range modules {
		if err := os.CopyFS(filepath.Join(dir, module), os.DirFS(filepath.Join(infra, module))); err != nil {
			return nil, err
		}
	}
	return &Workbench{dir, arm}, nil
}

// CLIConfig is the file that leads terraform to the providers made by
// infra/tools/install.sh.
func CLIConfig() string { return filepath.Join(CacheDir(), "terraform.rc") }

// CacheDir is where infra/tools/install.sh keeps the providers and tflint:
// INFRA_CACHE, or airlock/terraform in the user's cache folder.
func CacheDir() string {
	if dir := os.Getenv("INFRA_CACHE"); dir != "" {
		return dir
	}
	if dir := os.Getenv("XDG_CACHE_HOME"); dir != "" {
		return filepath.Join(dir, "airlock", "terraform")
	}
	return filepath.Join(os.Getenv("HOME"), ".cache", "airlock", "terraform")
}

// Terraform runs terraform in a module of the copy and returns its output.
// The error holds all of it.
func (b *Workbench) Terraform(module string, args ...string) ([]byte, error) {
	cmd := exec.Command("terraform", args...) //nolint:gosec // the tests' own arguments
	cmd.Dir = filepath.Join(b.Dir, module)
	cmd.Env = append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+CLIConfig(), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1",
		"SSL_CERT_FILE="+b.ARM.CAFile,
		// Both providers find the stand-in, and the login they have here, in the environment: the example's own provider
		// blocks are planned as they are.
		"ARM_METADATA_HOSTNAME="+b.ARM.Host, "ARM_RESOURCE_MANAGER_ENDPOINT=https://"+b.ARM.Host,
		"ARM_RESOURCE_MANAGER_AUDIENCE=https://"+b.ARM.Host, "ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST=https://"+b.ARM.Host,
		"ARM_USE_CLI=false", "ARM_USE_MSI=false", "ARM_SKIP_PROVIDER_REGISTRATION=true",
		"ARM_TENANT_ID="+fakeTenant, "ARM_CLIENT_ID=22222222-2222-4222-8222-222222222222", "ARM_CLIENT_SECRET=none",
		"ARM_SUBSCRIPTION_ID="+fakeSubscription)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("terraform %s in %s: %w\n%s%s", strings.Join(args, " "), module, err, out.Bytes(), errs.Bytes())
	}
	return out.Bytes(), nil
}

const example = "examples/complete"

// InitExample prepares the example: its documented variables, without the
// package, which need not be built.
func (b *Workbench) InitExample() error {
	dir := filepath.Join(b.Dir, example)
	vars, err := os.ReadFile(filepath.Join(dir, "terraform.tfvars.example")) //nolint:gosec // in the copy
	if err != nil {
		return err
	}
	var kept []string
	for line := range strings.Lines(string(vars)) {
		if !strings.HasPrefix(line, "package_path") {
			kept = append(kept, line)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "terraform.tfvars"), []byte(strings.Join(kept, "")), 0o600); err != nil {
		return err
	}
	_, err = b.Terraform(example, "init", "-input=false", "-no-color")
	return err
}

// PlanExample plans the example from nothing with the real providers.
func (b *Workbench) PlanExample() (*Plan, error) {
	if _, err := b.Terraform(example, "plan", "-input=false", "-no-color", "-refresh=false", "-out=plan"); err != nil {
		return nil, err
	}
	raw, err := b.Terraform(example, "show", "-json", "plan")
	if err != nil {
		return nil, err
	}
	p, err := ReadPlan(raw)
	if err != nil {
		return nil, err
	}
	p.Order, err = ReadOrder(raw)
	return p, err
}

// Copy makes another workbench with the same content, initialised as this one.
func (b *Workbench) Copy(dir string) (*Workbench, error) {
	// cp instead of os.CopyFS, which refuses the links that init leaves.
	cp := exec.Command("cp", "-a", b.Dir+"/.", dir) //nolint:gosec // between temporary folders
	if out, err := cp.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("copy the workbench: %w: %s", err, out)
	}
	return &Workbench{dir, b.ARM}, nil
}

// Replace changes a file of the copy. The text must be there: a damage that
// damages nothing would prove nothing.
func (b *Workbench) Replace(file, old, replacement string) error {
	path := filepath.Join(b.Dir, file)
	raw, err := os.ReadFile(path) //nolint:gosec // in the copy
	if err != nil {
		return err
	}
	if !bytes.Contains(raw, []byte(old)) {
		return fmt.Errorf("%s has no %q", file, old)
	}
	return os.WriteFile(path, bytes.ReplaceAll(raw, []byte(old), []byte(replacement)), 0o600) //nolint:gosec // in the copy
}
