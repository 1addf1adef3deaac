package azure_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/azure"
)

// The bytes of an answer come as they were sent, with any encoding in its headers.
func TestBytesComeAsTheyWereSent(t *testing.T) {
	stored := []byte("\x1f\x8b not gzip at all")
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.Header.Values("Accept-Encoding"))
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(stored)
	}))
	defer storage.Close()
	resp, err := azure.NewTransport().Get(storage.URL)
	require.NoError(t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, stored, got)
	assert.Equal(t, int64(len(stored)), resp.ContentLength)
	assert.Equal(t, "gzip", resp.Header.Get("Content-Encoding"))
}
