//go:build infra

package main

import (
	"archive/zip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/cloud"
)

// The deployed package runs: the zip of this checkout is unpacked and started
// by the local cloud's Functions host, with the documented settings alone.
func TestPackageRunsUnderTheHost(t *testing.T) {
	repository, err := filepath.Abs("../..")
	require.NoError(t, err)
	stamp, err := readStamp(repository)
	require.NoError(t, err)
	out := filepath.Join(t.TempDir(), "airlock.zip")
	_, err = pack(repository, runtime.GOARCH, out, "", stamp)
	require.NoError(t, err)
	root := t.TempDir()
	unpack(t, out, root)

	ctx, stop := context.WithCancel(t.Context())
	ready, ended := make(chan cloud.Endpoints, 1), make(chan error, 1)
	go func() {
		ended <- cloud.Run(ctx, cloud.Options{
			Root: root, Install: filepath.Join(repository, "build", "azurite"), Dir: filepath.Join(t.TempDir(), "cloud"),
			Speed: 1, Progress: io.Discard,
		}, func(e cloud.Endpoints) { ready <- e })
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	var up cloud.Endpoints
	select {
	case up = <-ready:
	case err := <-ended:
		ended <- err
		require.NoError(t, err, "the local cloud did not start; `make build` installs its storage emulator")
	case <-time.After(2 * time.Minute):
		require.Fail(t, "the local cloud is not up after two minutes")
	}

	answer, err := http.Get(up.API + "/health")
	require.NoError(t, err)
	defer answer.Body.Close()
	assert.Equal(t, http.StatusOK, answer.StatusCode)
	var health struct {
		Build struct{ Version, Commit, Date string }
	}
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&health))
	assert.Equal(t, stamp.Version, health.Build.Version)
	assert.Equal(t, stamp.Commit, health.Build.Commit)
	assert.Equal(t, stamp.Time.Format(time.RFC3339), health.Build.Date)
}

// unpack lays the zip out as the stand-in expects a repository: it stages the
// functions and the handler itself.
func unpack(t *testing.T, file, root string) {
	t.Helper()
	z, err := zip.OpenReader(file)
	require.NoError(t, err)
	defer z.Close()
	for _, f := range z.File {
		path := filepath.Join(root, f.Name)
		switch {
		case strings.HasSuffix(f.Name, "/function.json"):
			path = filepath.Join(root, "functions", f.Name)
		case f.Name != "host.json":
			path = filepath.Join(root, "build", f.Name)
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		content, err := f.Open()
		require.NoError(t, err)
		raw, err := io.ReadAll(content)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, raw, f.Mode()))
	}
}
