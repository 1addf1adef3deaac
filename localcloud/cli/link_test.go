package cli_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// put uploads a file with a bare link, as other tools do.
func put(t *testing.T, link, name string) {
	t.Helper()
	container, signature, ok := strings.Cut(link, "?")
	require.True(t, ok)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, container+"/"+url.PathEscape(name)+"?"+signature, strings.NewReader("x"))
	require.NoError(t, err)
	req.Header.Set("x-ms-blob-type", "BlockBlob")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusCreated, resp.StatusCode)
}
