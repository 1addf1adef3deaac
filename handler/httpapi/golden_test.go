package httpapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/httpapi"
)

var update = flag.Bool("update", false, "write golden files and generated documents")

// golden compares text with a file, or writes it with -update.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run go test ./handler/httpapi -update")
	require.Equal(t, string(want), string(got), "%s is out of date: run go test ./handler/httpapi -update", file)
}

func indented(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, json.Indent(&b, bytes.TrimSpace(body), "", "  "), string(body))
	b.WriteByte('\n')
	return b.Bytes()
}

func TestOpenAPIDocumentIsCheckedIn(t *testing.T) {
	golden(t, "../../docs/openapi.json", indented(t, newAPI(newFakeService(), io.Discard).OpenAPI()))
}

func TestPolicySchemaIsCheckedIn(t *testing.T) {
	golden(t, "../../docs/policy.schema.json", httpapi.PolicySchema())
}
