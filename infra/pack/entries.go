package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// entry is one file of the zip.
type entry struct {
	Name string // with forward slashes, from the zip's top
	File string // on disk
	Mode os.FileMode
}

// buildHandler makes a static Linux binary. What git knows about the checkout is
// left out of it: -buildvcs would differ between a clean and a dirty tree.
func buildHandler(root, arch, dir string, s stamp) (string, error) {
	if arch != "amd64" && arch != "arm64" {
		return "", fmt.Errorf("arch %q: Azure Functions on Linux runs amd64 (or arm64 on own machines)", arch)
	}
	binary := filepath.Join(dir, "handler")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", s.linkerFlags(), "-o", binary, "./handler") //nolint:gosec // fixed arguments and what git says
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the handler: %w\n%s", err, out)
	}
	return binary, nil
}

// portalBuilt refuses a handler without its portal: it would answer people with 404.
func portalBuilt(root string) error {
	dist := filepath.Join(root, "handler", "portal", "dist")
	for _, name := range []string{"index.html.gz", "app.js.gz", "preview.html.gz", "pdf.html.gz"} {
		if _, err := os.Stat(filepath.Join(dist, name)); err != nil {
			return fmt.Errorf("the portal is not built, run `make portal` first: %w", err)
		}
	}
	return nil
}

// collect lists the files of the zip and nothing else. The host looks one
// level deep, so functions/NAME/function.json becomes NAME/function.json.
func collect(root, binary string) ([]entry, error) {
	name, err := executableName(filepath.Join(root, "host.json"))
	if err != nil {
		return nil, err
	}
	entries := []entry{
		{"host.json", filepath.Join(root, "host.json"), 0o644},
		{name, binary, 0o755},
	}
	functions, err := filepath.Glob(filepath.Join(root, "functions", "*", "function.json"))
	if err != nil {
		return nil, err
	}
	if len(functions) == 0 {
		return nil, fmt.Errorf("no functions in %s", filepath.Join(root, "functions"))
	}
	for _, file := range functions {
		raw, err := os.ReadFile(file) //nolint:gosec // the repository's own file
		if err != nil {
			return nil, err
		}
		if !json.Valid(raw) {
			return nil, fmt.Errorf("%s: not JSON; the host would leave the function out in silence", file)
		}
		entries = append(entries, entry{filepath.Base(filepath.Dir(file)) + "/function.json", file, 0o644})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.Name, b.Name) })
	return entries, nil
}

// executableName is the program that host.json starts.
func executableName(hostJSON string) (string, error) {
	raw, err := os.ReadFile(hostJSON) //nolint:gosec // the repository's own file
	if err != nil {
		return "", err
	}
	var host struct {
		CustomHandler struct {
			Description struct {
				DefaultExecutablePath string `json:"defaultExecutablePath"`
			} `json:"description"`
		} `json:"customHandler"`
	}
	if err := json.Unmarshal(raw, &host); err != nil {
		return "", fmt.Errorf("%s: %w", hostJSON, err)
	}
	name := host.CustomHandler.Description.DefaultExecutablePath
	if name == "" || name != filepath.Base(name) {
		return "", fmt.Errorf("%s: defaultExecutablePath is %q, want a file name", hostJSON, name)
	}
	return name, nil
}

// writeZip writes the entries with one time for all of them and returns the
// zip's size.
func writeZip(path string, entries []entry, at time.Time) (int64, error) {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.Name, Method: zip.Deflate, Modified: at}
		header.SetMode(e.Mode)
		w, err := z.CreateHeader(header)
		if err != nil {
			return 0, err
		}
		content, err := os.ReadFile(e.File)
		if err != nil {
			return 0, err
		}
		if _, err := w.Write(content); err != nil {
			return 0, fmt.Errorf("%s: %w", e.Name, err)
		}
	}
	if err := z.Close(); err != nil {
		return 0, err
	}
	return int64(buf.Len()), os.WriteFile(path, buf.Bytes(), 0o600)
}
