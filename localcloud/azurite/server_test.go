package azurite_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/azurite"
)

func freePorts(t *testing.T) azurite.Ports {
	t.Helper()
	var port [3]int
	for i := range port {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close()
		port[i] = l.Addr().(*net.TCPAddr).Port
	}
	return azurite.Ports{Blob: port[0], Queue: port[1], Table: port[2]}
}

func TestStopsAndStartsAgainInTheSameDirectory(t *testing.T) {
	install, err := azurite.FindInstall(".")
	require.NoError(t, err)
	dir := t.TempDir()
	for range 2 {
		keys, err := azurite.LoadKeys(filepath.Join(dir, "keys.json"), []string{"stone", "sttwo"})
		require.NoError(t, err)
		s, err := azurite.Start(context.Background(), azurite.Options{Install: install, Dir: filepath.Join(dir, "data"), Keys: keys, Ports: freePorts(t), Log: t.Output()})
		require.NoError(t, err)
		resp, err := http.Get(s.Blob.String() + "/stone/container/blob")
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusForbidden, resp.StatusCode)
		require.NoError(t, s.Stop())
		require.NoError(t, s.Stop(), "a second Stop is harmless")
		<-s.Done()
	}
}

func TestSaysWhatToInstall(t *testing.T) {
	_, err := azurite.Start(context.Background(), azurite.Options{Install: t.TempDir(), Dir: t.TempDir()})
	require.ErrorContains(t, err, "make build")

	t.Setenv("PATH", t.TempDir())
	_, err = azurite.Start(context.Background(), azurite.Options{})
	require.ErrorContains(t, err, "install Node.js")

	old := filepath.Join(os.Getenv("PATH"), "node")
	require.NoError(t, os.WriteFile(old, []byte("#!/bin/sh\necho v18.20.0\n"), 0o700))
	_, err = azurite.Start(context.Background(), azurite.Options{})
	require.ErrorContains(t, err, "v18.20.0 is too old")
}

func TestKeysSurviveAndArePrivate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state", "keys.json")
	first, err := azurite.LoadKeys(file, []string{"stone"})
	require.NoError(t, err)
	second, err := azurite.LoadKeys(file, []string{"stone", "sttwo"})
	require.NoError(t, err)
	require.Equal(t, first["stone"], second["stone"])
	require.NotEqual(t, second["stone"], second["sttwo"])
	require.Len(t, second["sttwo"], 64)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}
