package main

import (
	"archive/zip"
	"debug/elf"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var testStamp = stamp{Version: "v1.2.3", Commit: "0123456789abcdef0123456789abcdef01234567", Time: time.Date(2026, 3, 4, 5, 6, 8, 0, time.UTC)}

// smallRepository has the files that pack looks at, and some that must stay out.
func smallRepository(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":                                "module example.org/small\n\ngo 1.26\n",
		"handler/main.go":                       "package main\n\nvar version, commit, date string\n\nfunc main() { println(version, commit, date) }\n",
		"host.json":                             `{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"handler"}}}`,
		"functions/OnBlobCreated/function.json": `{"bindings":[]}`,
		"functions/GetHealth/function.json":     `{"bindings":[]}`,
		"functions/GetHealth/notes.txt":         "stays out",
		"functions/README.md":                   "stays out",
		"local.settings.json":                   `{"Values":{"secret":"stays out"}}`,
		"handler/portal/dist/index.html.gz":     "built",
		"handler/portal/dist/app.js.gz":         "built",
		"handler/portal/dist/preview.html.gz":   "built",
		"handler/portal/dist/pdf.html.gz":       "built",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	return root
}

func TestPackageHoldsWhatTheHostNeedsAndNothingElse(t *testing.T) {
	out := filepath.Join(t.TempDir(), "build", "airlock.zip")
	size, err := pack(smallRepository(t), "amd64", out, "", testStamp)
	require.NoError(t, err)

	info, err := os.Stat(out)
	require.NoError(t, err)
	assert.Equal(t, info.Size(), size)

	z, err := zip.OpenReader(out)
	require.NoError(t, err)
	defer z.Close()
	modes := map[string]os.FileMode{}
	for _, f := range z.File {
		modes[f.Name] = f.Mode()
		assert.True(t, f.Modified.Equal(testStamp.Time), "%s: %s", f.Name, f.Modified)
	}
	assert.Equal(t, map[string]os.FileMode{
		"GetHealth/function.json": 0o644, "OnBlobCreated/function.json": 0o644, "host.json": 0o644, "handler": 0o755,
	}, modes)
}

func TestPackageIsReproducible(t *testing.T) {
	// Two checkouts in different folders, as on two machines.
	var zips [2][]byte
	for i := range zips {
		out := filepath.Join(t.TempDir(), "airlock.zip")
		_, err := pack(smallRepository(t), "amd64", out, "", testStamp)
		require.NoError(t, err)
		zips[i], err = os.ReadFile(out)
		require.NoError(t, err)
	}
	assert.Equal(t, zips[0], zips[1])
}

func TestHandlerIsStaticLinuxAndKnowsItsVersion(t *testing.T) {
	for arch, machine := range map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64} {
		t.Run(arch, func(t *testing.T) {
			binary, err := buildHandler(smallRepository(t), arch, t.TempDir(), testStamp)
			require.NoError(t, err)

			f, err := elf.Open(binary)
			require.NoError(t, err)
			defer f.Close()
			assert.Equal(t, machine, f.Machine)
			libraries, err := f.ImportedLibraries()
			require.NoError(t, err)
			assert.Empty(t, libraries)

			raw, err := os.ReadFile(binary)
			require.NoError(t, err)
			for _, text := range []string{"v1.2.3", testStamp.Commit, "2026-03-04T05:06:08Z"} {
				assert.Contains(t, string(raw), text)
			}
		})
	}
}

func TestPackRefuses(t *testing.T) {
	for name, damage := range map[string]func(root string) error{
		"a broken function.json": func(root string) error {
			return os.WriteFile(filepath.Join(root, "functions", "GetHealth", "function.json"), []byte("{"), 0o600)
		},
		"no functions": func(root string) error { return os.RemoveAll(filepath.Join(root, "functions")) },
		"a handler without its portal": func(root string) error {
			return os.Remove(filepath.Join(root, "handler", "portal", "dist", "app.js.gz"))
		},
		"an executable elsewhere": func(root string) error {
			return os.WriteFile(filepath.Join(root, "host.json"), []byte(`{"customHandler":{"description":{"defaultExecutablePath":"../handler"}}}`), 0o600)
		},
		"a handler that does not build": func(root string) error {
			return os.WriteFile(filepath.Join(root, "handler", "main.go"), []byte("package main"), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := smallRepository(t)
			require.NoError(t, damage(root))
			out := filepath.Join(t.TempDir(), "airlock.zip")
			_, err := pack(root, "amd64", out, "", testStamp)
			require.Error(t, err)
			assert.NoFileExists(t, out)
			assert.NoFileExists(t, out+".part")
		})
	}
	_, err := pack(smallRepository(t), "riscv64", filepath.Join(t.TempDir(), "", "airlock.zip"), "", testStamp)
	assert.ErrorContains(t, err, "riscv64")
}

func TestStampIsTheCommits(t *testing.T) {
	s, err := readStamp("../..")
	require.NoError(t, err)
	assert.Len(t, s.Commit, 40)
	assert.NotEmpty(t, s.Version)
	assert.False(t, s.Time.IsZero())

	_, err = readStamp(t.TempDir())
	assert.ErrorContains(t, err, "git")
}

// The real one: the repository as it is now would be deployed.
func TestRepositoryPackage(t *testing.T) {
	entries, err := collect("../..", os.DevNull)
	require.NoError(t, err)
	for _, e := range entries {
		f, err := os.Open(e.File)
		require.NoError(t, err, e.Name)
		_, err = io.Copy(io.Discard, f)
		require.NoError(t, err)
		f.Close()
	}
	functions, err := filepath.Glob("../../functions/*")
	require.NoError(t, err)
	assert.Len(t, entries, len(functions)+2, "every folder of functions/, host.json and the handler")
}
