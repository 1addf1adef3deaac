package azurite

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// The oldest Node.js Azurite 3.37.0 was seen to work with (it asks for 22 and warns on 20).
const oldestNode = 20

// Program returns azurite.js below an installation directory (build/azurite), where `make build` puts it.
func Program(install string) (string, error) {
	program := filepath.Join(install, "node_modules", "azurite", "dist", "src", "azurite.js")
	if _, err := os.Stat(program); err != nil {
		return "", fmt.Errorf("the storage emulator is not installed in %s: run `make build` first", install)
	}
	return program, nil
}

// FindInstall returns build/azurite of the repository that dir lies in, for tests.
func FindInstall(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			install := filepath.Join(dir, "build", "azurite")
			_, err := Program(install)
			return install, err
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod above the working directory")
		}
	}
}

// findNode returns the node program, or says what is wrong with it.
func findNode(ctx context.Context) (string, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("node is missing: install Node.js 20 or 22 and put it on the PATH")
	}
	out, err := exec.CommandContext(ctx, node, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("node --version: %w", err)
	}
	version := strings.TrimSpace(string(out))
	major, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldestNode {
		return "", fmt.Errorf("node %s is too old: Node.js 20 or 22 is needed", version)
	}
	return node, nil
}
