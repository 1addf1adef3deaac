package httpapi_test

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/workflow"
)

func TestEvidenceIsAnArchive(t *testing.T) {
	f := newFixture(t)
	f.evidence = workflow.ReleaseEvidence{Trail: workflow.Trail{Request: f.request, At: moment}, Receipt: []byte("{ receipt }\n"), Revocation: []byte("{ revocation }\n"),
		Anchors: []audit.Document{{Name: "000000000007.json", Body: []byte("{ anchor }\n")}}}
	a := f.get(requestPath+"/evidence", owner()).isOK()
	require.Equal(t, "application/zip", a.Header.Get("Content-Type"))
	require.Equal(t, `attachment; filename="evidence-`+string(theRequest)+`.zip"`, a.Header.Get("Content-Disposition"))
	z, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
	require.NoError(t, err)
	got := map[string]string{}
	for _, file := range z.File {
		r, err := file.Open()
		require.NoError(t, err)
		body, err := io.ReadAll(r)
		require.NoError(t, err)
		got[file.Name] = string(body)
	}
	require.Len(t, got, 6)
	require.Equal(t, "{ receipt }\n", got["release.json"], "byte by byte")
	require.Equal(t, "{ revocation }\n", got["revoked.json"])
	require.Equal(t, "{ anchor }\n", got["anchors/000000000007.json"])
	require.Contains(t, got["history.json"], `"exportedAt":"2026-01-02T03:04:05.123Z"`)
	require.Equal(t, `{"keys":[]}`, got["receipt-keys.json"])

	f.err = airlock.ErrGone
	f.get(requestPath+"/evidence", owner()).isProblem(404, "no_receipt_yet", "There is no receipt for this airlock request yet")
}
