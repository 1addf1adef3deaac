package keys_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/keys"
)

// Its doc says that it is safe for concurrent use; the race detector looks.
func TestManySealAtOnce(t *testing.T) {
	v := newVault(t)
	v.secrets = []string{base64.StdEncoding.EncodeToString(make([]byte, 32))}
	s, err := keys.NewSealer(keys.Config{Location: "https://tre.vault.azure.net/secrets/state", Credential: credential{}, ClientOptions: v.options()})
	require.NoError(t, err)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			_, _, err := s.MAC(t.Context(), nil)
			assert.NoError(t, err)
		})
	}
	wait.Wait()
}

func macOf(key []byte, message string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(message))
	return h.Sum(nil)
}

func TestSealing(t *testing.T) {
	key := make([]byte, 40)
	_, _ = rand.Read(key)
	want := macOf(key, "row")
	v := newVault(t)
	v.secrets = []string{base64.StdEncoding.EncodeToString(key)}
	keyID := ""
	for name, location := range map[string]string{
		"base64": write(t, "k", []byte(base64.StdEncoding.EncodeToString(key)+"\n")), "base64url": write(t, "k", []byte(base64.RawURLEncoding.EncodeToString(key))),
		"hex": write(t, "k", []byte(" "+hex.EncodeToString(key)+"\r\n")), "vault": "https://tre.vault.azure.net/secrets/state",
	} {
		s, err := keys.NewSealer(keys.Config{Location: location, Credential: credential{}, ClientOptions: v.options()})
		require.NoError(t, err, name)
		for range 3 {
			mac, id, err := s.MAC(t.Context(), []byte("row"))
			require.NoError(t, err, name)
			require.Equal(t, want, mac, name)
			require.Regexp(t, `^[0-9a-f]{16}$`, id)
			require.True(t, keyID == "" || keyID == id, "the id is the key's, wherever it lies")
			keyID = id
		}
		for message, genuine := range map[string]bool{"row": true, "roe": false, "": false} {
			ok, err := s.Genuine(t.Context(), keyID, []byte(message), want)
			require.NoError(t, err)
			require.Equal(t, genuine, ok, message)
		}
		ok, err := s.Genuine(t.Context(), keyID, []byte("row"), want[:31])
		require.NoError(t, err)
		require.False(t, ok)
	}
	require.Equal(t, []string{"GET /secrets/state/", "GET /secrets/state/versions"}, v.calls, "asked once")

	v.secrets = []string{"passphrase"}
	s, err := keys.NewSealer(keys.Config{Location: "https://tre.vault.azure.net/secrets/state", Credential: credential{}, ClientOptions: v.options()})
	require.NoError(t, err)
	_, _, err = s.MAC(t.Context(), nil)
	f := requireFault(t, err, airlock.Operator, "UnusableKey")
	require.NotContains(t, f.Error(), "passphrase")
}

// Seals of an older key still count, until its version is disabled; a key that
// another instance has found already is asked for, once a minute.
func TestSealingKeysAreRotated(t *testing.T) {
	text := func(b byte) (key []byte, secret string) {
		key = bytes.Repeat([]byte{b}, 32)
		return key, base64.StdEncoding.EncodeToString(key)
	}
	oldKey, oldText := text(1)
	newKey, newText := text(2)
	v := newVault(t)
	v.secrets = []string{oldText}
	location := "https://tre.vault.azure.net/secrets/state"
	early, err := keys.NewSealer(keys.Config{Location: location, Credential: credential{}, ClientOptions: v.options()})
	require.NoError(t, err)
	_, oldID, err := early.MAC(t.Context(), nil)
	require.NoError(t, err)
	v.secrets = []string{oldText, newText}
	late, err := keys.NewSealer(keys.Config{Location: location, Credential: credential{}, ClientOptions: v.options()})
	require.NoError(t, err)
	mac, newID, err := late.MAC(t.Context(), []byte("row"))
	require.NoError(t, err)
	require.Equal(t, macOf(newKey, "row"), mac)
	ok, err := late.Genuine(t.Context(), oldID, []byte("row"), macOf(oldKey, "row"))
	require.NoError(t, err)
	require.True(t, ok, "sealed before")
	ok, err = early.Genuine(t.Context(), newID, []byte("row"), mac)
	require.NoError(t, err)
	require.True(t, ok, "the vault was asked for a key that is not known")
	calls := len(v.calls)
	for range 5 {
		ok, err = early.Genuine(t.Context(), "0011223344556677", []byte("row"), mac)
		require.NoError(t, err)
		require.False(t, ok)
	}
	require.Len(t, v.calls, calls, "whoever writes rows can name any key: the vault is not asked again")

	v.disabled = map[int]bool{1: true}
	distrusting, err := keys.NewSealer(keys.Config{Location: location, Credential: credential{}, ClientOptions: v.options()})
	require.NoError(t, err)
	ok, err = distrusting.Genuine(t.Context(), oldID, []byte("row"), macOf(oldKey, "row"))
	require.NoError(t, err)
	require.False(t, ok)
	pinned, err := keys.NewSealer(keys.Config{Location: location + "/v1", Credential: credential{}, ClientOptions: v.options()})
	require.NoError(t, err)
	_, id, err := pinned.MAC(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, oldID, id)

	lines := write(t, "k", []byte(newText+"\n"+oldText+"\n"))
	file, err := keys.NewSealer(keys.Config{Location: lines})
	require.NoError(t, err)
	_, id, err = file.MAC(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, newID, id, "the first line seals")
	ok, err = file.Genuine(t.Context(), oldID, []byte("row"), macOf(oldKey, "row"))
	require.NoError(t, err)
	require.True(t, ok)
}
