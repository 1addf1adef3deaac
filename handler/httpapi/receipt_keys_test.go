package httpapi_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// A stranger without a token gets the keys to check a signature.
func TestReceiptKeysAreForEverybody(t *testing.T) {
	f := newFixture(t)
	for _, id := range []string{"older", "newer"} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		f.keys = append(f.keys, airlock.PublicKey{ID: id, Key: &key.PublicKey})
	}
	got := f.get("/api/receipt-keys", "").isOK().json()["keys"].([]any)
	require.Len(t, got, 2)
	for i, k := range f.keys {
		view := got[i].(map[string]any)
		require.Equal(t, k.ID, view["kid"])
		point := []byte{4}
		for _, part := range []string{"x", "y"} {
			b, err := base64.RawURLEncoding.DecodeString(view[part].(string))
			require.NoError(t, err)
			point = append(point, b...)
		}
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
		require.NoError(t, err)
		require.True(t, k.Key.Equal(public))
	}
	f.err = &airlock.Fault{Kind: airlock.Transient, Code: "TimedOut", Operation: "list signing keys", Account: "tre"}
	require.Equal(t, 503, f.get("/api/receipt-keys", "").StatusCode)
}
