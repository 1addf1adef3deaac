//go:build clients

package clients_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

// shared is the local cloud all clients are tried in; tried are these clients.
var (
	shared *story.Cloud
	tried  []client
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if tried, err = install(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return storytest.Run(m, nil, func(c *story.Cloud) error { shared = c; return nil })
}

// install puts the clients into build/clients and returns how to call them. It is quick when they are there already.
func install() ([]client, error) {
	root, err := storytest.Repository()
	if err != nil {
		return nil, err
	}
	build := filepath.Join(root, "build", "clients")
	node, err := installNode(filepath.Join(build, "node"))
	if err != nil {
		return nil, err
	}
	python, err := installPython(filepath.Join(build, "python"))
	if err != nil {
		return nil, err
	}
	azcopy := filepath.Join(node, "node_modules", "@azure-tools", "azcopy-linux", "dist", "bin", "azcopy_linux_amd64")
	if err := os.Chmod(azcopy, 0o755); err != nil { // the package ships it without the right to run
		return nil, err
	}
	if out, err := exec.Command(azcopy, "--version").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("AzCopy does not start (it needs Linux on amd64 and the package libsecret-1-0): %w\n%s", err, out)
	}
	return []client{
		azCopy(azcopy, filepath.Join(build, "azcopy")),
		script("SDK for JavaScript", "node", filepath.Join(node, "blob.mjs")),
		script("SDK for Python", python, filepath.Join("python", "blob.py")),
	}, nil
}

// installNode installs the packages of the lock file into dir, with the script beside them so that it finds them.
func installNode(dir string) (string, error) {
	if err := copyFiles(dir, "node/package.json", "node/package-lock.json", "node/blob.mjs"); err != nil {
		return "", err
	}
	return dir, command(dir, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline")
}

// installPython makes a virtual environment in dir and returns its interpreter.
func installPython(dir string) (string, error) {
	python := filepath.Join(dir, "bin", "python")
	if _, err := os.Stat(python); errors.Is(err, os.ErrNotExist) {
		if err := command(".", "python3", "-m", "venv", dir); err != nil {
			return "", fmt.Errorf("%w\nPython 3 with its venv module is needed (Debian: apt install python3-venv)", err)
		}
	}
	return python, command(".", python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", "python/requirements.txt")
}

func copyFiles(dir string, names ...string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func command(dir, name string, arguments ...string) error {
	c := exec.Command(name, arguments...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", c, err, out)
	}
	return nil
}
