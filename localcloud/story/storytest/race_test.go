package storytest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestARaceInAHandlerIsAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, Raced(dir), "no log")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "logs"), 0o700))
	log := filepath.Join(dir, "logs", "localcloud.log")
	const quiet = `{"level":"INFO","msg":"all is well"}` + "\n"
	require.NoError(t, os.WriteFile(log, []byte(quiet), 0o600))
	require.NoError(t, Raced(dir))
	require.NoError(t, os.WriteFile(log, []byte(quiet+`{"level":"WARN","msg":"WARNING: DATA RACE"}`+"\n"+quiet), 0o600))
	assert.ErrorContains(t, Raced(dir), log+", line 2")
}
