package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// stage lays out the app as it is deployed: host.json, the handler's binary under the name host.json gives it, and the
// function folders flat beside them, as the host looks one level deep only.
func stage(root, app string) error {
	if err := os.RemoveAll(app); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	name, err := executable(filepath.Join(root, "host.json"))
	if err != nil {
		return err
	}
	binary := filepath.Join(root, "build", "handler")
	if _, err := os.Stat(binary); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is missing: run `make build` first", binary)
	}
	if err := copyFile(binary, filepath.Join(app, name), 0o755); err != nil {
		return err
	}
	if err := copyFile(filepath.Join(root, "host.json"), filepath.Join(app, "host.json"), 0o644); err != nil {
		return err
	}
	functions, err := filepath.Glob(filepath.Join(root, "functions", "*", "function.json"))
	if err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	for _, file := range functions {
		folder := filepath.Base(filepath.Dir(file))
		if err := copyFile(file, filepath.Join(app, folder, "function.json"), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// executable is the handler's file name in host.json.
func executable(hostFile string) (string, error) {
	text, err := os.ReadFile(hostFile)
	if err != nil {
		return "", fmt.Errorf("stage: %w", err)
	}
	var host struct {
		CustomHandler struct {
			Description struct{ DefaultExecutablePath string }
		}
	}
	if err := json.Unmarshal(text, &host); err != nil {
		return "", fmt.Errorf("stage: %s: %w", hostFile, err)
	}
	name := host.CustomHandler.Description.DefaultExecutablePath
	if name == "" || !filepath.IsLocal(name) {
		return "", fmt.Errorf("stage: %s names no customHandler.description.defaultExecutablePath below the app", hostFile)
	}
	return name, nil
}

func copyFile(from, to string, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	return nil
}
