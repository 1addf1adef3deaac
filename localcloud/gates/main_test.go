//go:build gates

package gates_test

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/story/storytest"
)

// token is the bearer token between the suite and a gate.
const token = "a-token-for-the-test"

// freeAddress is an address that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// keepsTheContract runs airlock-gate-test, which listens at api, with a file in which the
// gate has to find something; command starts the gate, none if it runs.
func keepsTheContract(t *testing.T, api, gate, events string, bad []byte, command ...string) {
	t.Helper()
	root, err := storytest.Repository()
	require.NoError(t, err)
	dir := t.TempDir()
	program, sample := filepath.Join(dir, "airlock-gate-test"), filepath.Join(dir, "bad")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./client/airlock-gate-test")
	build.Dir = root
	said, err := build.CombinedOutput()
	require.NoError(t, err, string(said))
	require.NoError(t, os.WriteFile(sample, bad, 0o600))
	suite := exec.CommandContext(t.Context(), program, append([]string{"--listen", api, "--token", token, "--gate", gate, "--bad", sample, events}, command...)...)
	suite.Dir = root
	var out bytes.Buffer
	suite.Stdout, suite.Stderr = &out, &out
	err = suite.Run()
	t.Log(out.String())
	require.NoError(t, err)
	require.Contains(t, out.String(), "The gate keeps the contract.")
}
