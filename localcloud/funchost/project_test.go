package funchost

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// project hosts the repository's own host.json and function folders, staged as
// for deployment, with the settings of the example file.
func project(t *testing.T) (*Host, []string) {
	t.Helper()
	const repository = "../.."
	text, err := os.ReadFile(filepath.Join(repository, "host.json"))
	require.NoError(t, err)
	entries, err := os.ReadDir(filepath.Join(repository, "functions"))
	require.NoError(t, err)
	functions, names := map[string]string{}, []string{}
	for _, entry := range entries {
		raw, err := os.ReadFile(filepath.Join(repository, "functions", entry.Name(), "function.json"))
		require.NoError(t, err)
		functions[entry.Name()] = string(raw)
		names = append(names, entry.Name())
	}
	var example struct{ Values map[string]string }
	raw, err := os.ReadFile(filepath.Join(repository, "local.settings.json.example"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &example))
	h, err := New(Options{Root: stage(t, string(text), functions), Settings: example.Values})
	require.NoError(t, err)
	return h, names
}

func TestEveryFolderOfTheProjectLoads(t *testing.T) {
	h, names := project(t)
	assert.Empty(t, h.Broken())
	assert.ElementsMatch(t, names, h.Functions())
}

// No path that the project's routes accept may leave the prefix when the host
// parses it again: a parameter without a constraint would.
func TestNoRouteOfTheProjectEscapesThePrefix(t *testing.T) {
	h, _ := project(t)
	attacks := []string{`..\..\..\..\..\OnScanResult`, `..\..\..\..\..\OnScanResult?`, `..\..\OnScanResult#`, "%2e%2e", "a", id}
	accepted := 0
	for _, f := range h.routed {
		for _, attack := range attacks {
			path := ""
			for _, s := range f.route {
				assert.False(t, s.catchAll, f.name)
				if s.parameter != "" {
					path += "/" + attack
				} else {
					path += "/" + s.literal
				}
			}
			if f.route.match(path) {
				accepted++
				assert.True(t, strings.HasPrefix(forwardedPath(path, false), "/api/"), "%s takes %s", f.name, path)
			}
		}
	}
	assert.NotZero(t, accepted)
}
