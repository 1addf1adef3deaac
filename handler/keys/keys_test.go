package keys_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/keys"
)

var digest = func() []byte { d := sha256.Sum256([]byte("release.json")); return d[:] }()

// verifies checks a signature with nothing but the published public keys.
func verifies(t *testing.T, s *keys.Signer, signature []byte, keyID string) {
	t.Helper()
	public, err := s.PublicKey(t.Context(), keyID)
	require.NoError(t, err)
	require.Len(t, signature, 64)
	r, v := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	require.True(t, ecdsa.Verify(public, digest, r, v))
	all, err := s.PublicKeys(t.Context())
	require.NoError(t, err)
	require.Contains(t, all, airlock.PublicKey{ID: keyID, Key: public})
}

func write(t *testing.T, name string, content []byte) (location string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return "file://" + path
}

func privatePEM(t *testing.T, curve elliptic.Curve, sec1 bool) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	require.NoError(t, err)
	if sec1 {
		der, err := x509.MarshalECPrivateKey(key)
		require.NoError(t, err)
		// As openssl ecparam -genkey writes it.
		return append(pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{6, 8, 42, 134, 72, 206, 61, 3, 1, 7}}),
			pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func TestFileKeySigns(t *testing.T) {
	for _, sec1 := range []bool{true, false} {
		s, err := keys.NewSigner(keys.Config{Location: write(t, "signing.pem", privatePEM(t, elliptic.P256(), sec1))})
		require.NoError(t, err)
		for range 20 { // short r and s must be padded
			signature, id, err := s.Sign(t.Context(), digest)
			require.NoError(t, err)
			require.Regexp(t, `^file:[0-9a-f]{16}$`, id)
			verifies(t, s, signature, id)
		}
		_, _, err = s.Sign(t.Context(), []byte("not a digest"))
		require.Error(t, err)
	}
}

func TestUnusableFilesAreRefusedWithoutShowingThem(t *testing.T) {
	secret := base64.StdEncoding.EncodeToString([]byte("do not show me, I am short"))
	for name, content := range map[string][]byte{
		"empty": nil, "no pem": []byte(secret), "other curve": privatePEM(t, elliptic.P384(), false),
		"broken": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte(secret)}),
	} {
		location := write(t, "signing.pem", content)
		_, err := keys.NewSigner(keys.Config{Location: location})
		require.ErrorContains(t, err, strings.TrimPrefix(location, "file://"), name)
		require.NotContains(t, err.Error(), secret)
	}
	for name, content := range map[string][]byte{
		"empty": nil, "short": {1, 2, 3}, "short text": []byte(secret), "passphrase": []byte("correct horse battery staple, correct horse battery staple"),
		"short hex": []byte(strings.Repeat("ab", 31) + "\n"),
	} {
		_, err := keys.NewSealer(keys.Config{Location: write(t, "state.key", content)})
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), secret)
		require.NotContains(t, err.Error(), "horse")
	}
	_, err := keys.NewSigner(keys.Config{Location: "file:///does/not/exist.pem"})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = keys.NewSealer(keys.Config{Location: "file:///does/not/exist.key"})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestLocationsAreChecked(t *testing.T) {
	for _, bad := range []string{"", "signing.pem", "file://host/x", "file:x", "http://tre.vault.azure.net/keys/k", "https://tre.vault.azure.net/secrets/k",
		"https://tre.vault.azure.net/keys", "https://tre.vault.azure.net/keys/k/v/more", "https://u:p@tre.vault.azure.net/keys/k", "https://tre.vault.azure.net/keys/k?x=y"} {
		_, err := keys.NewSigner(keys.Config{Location: bad, Credential: credential{}})
		require.ErrorContains(t, err, "location", bad)
	}
	_, err := keys.NewSealer(keys.Config{Location: "https://tre.vault.azure.net/keys/k", Credential: credential{}})
	require.ErrorContains(t, err, "/secrets/NAME")
}

func TestVaultKeySigns(t *testing.T) {
	v := newVault(t)
	s, err := keys.NewSigner(keys.Config{Location: "https://tre.vault.azure.net/keys/receipts", Credential: credential{}, ClientOptions: v.options()})
	require.NoError(t, err)
	require.Empty(t, v.calls, "nothing is asked before it is needed")
	for range 3 {
		signature, id, err := s.Sign(t.Context(), digest)
		require.NoError(t, err)
		require.Equal(t, "https://tre.vault.azure.net/keys/receipts/v1", id)
		verifies(t, s, signature, id)
	}
	require.Equal(t, []string{"GET /keys/receipts/", "POST /keys/receipts/v1/sign", "GET /keys/receipts/versions", "GET /keys/receipts/v1",
		"POST /keys/receipts/v1/sign", "POST /keys/receipts/v1/sign"}, v.calls)

	v.rotate(t)
	_, id, err := s.Sign(t.Context(), digest)
	require.NoError(t, err)
	require.Equal(t, "https://tre.vault.azure.net/keys/receipts/v1", id, "within the hour the version stays with its public key")
	fresh, err := keys.NewSigner(keys.Config{Location: "https://tre.vault.azure.net/keys/receipts", Credential: credential{}, ClientOptions: v.options()})
	require.NoError(t, err)
	signature, id, err := fresh.Sign(t.Context(), digest)
	require.NoError(t, err)
	require.Equal(t, "https://tre.vault.azure.net/keys/receipts/v2", id)
	verifies(t, fresh, signature, id)
	pinned, err := keys.NewSigner(keys.Config{Location: "https://tre.vault.azure.net/keys/receipts/v1", Credential: credential{}, ClientOptions: v.options()})
	require.NoError(t, err)
	_, id, err = pinned.Sign(t.Context(), digest)
	require.NoError(t, err)
	require.Equal(t, "https://tre.vault.azure.net/keys/receipts/v1", id)

	v.forge = true
	_, _, err = s.Sign(t.Context(), digest)
	requireFault(t, err, airlock.Operator, "UnusableKey")
}

// A version that was disabled when the key was rotated: receipts must not wait for
// the hour to end.
func TestAVersionTheVaultRefusesIsForgotten(t *testing.T) {
	v := newVault(t)
	s, err := keys.NewSigner(keys.Config{Location: "https://tre.vault.azure.net/keys/receipts", Credential: credential{}, ClientOptions: v.options()})
	require.NoError(t, err)
	_, _, err = s.Sign(t.Context(), digest)
	require.NoError(t, err)
	v.rotate(t)
	v.answers = []int{503, 503}
	_, _, err = s.Sign(t.Context(), digest)
	requireFault(t, err, airlock.Transient, "Forbidden")
	_, id, err := s.Sign(t.Context(), digest)
	require.NoError(t, err)
	require.Equal(t, "https://tre.vault.azure.net/keys/receipts/v1", id, "trouble says nothing about the version")
	v.answers = []int{403}
	_, _, err = s.Sign(t.Context(), digest)
	requireFault(t, err, airlock.Operator, "Forbidden")
	signature, id, err := s.Sign(t.Context(), digest)
	require.NoError(t, err)
	require.Equal(t, "https://tre.vault.azure.net/keys/receipts/v2", id)
	verifies(t, s, signature, id)
}

// A key that another instance has found, one that signs no more, and one that was
// disabled: the signatures of each count, or do not.
func TestPublicKeysOfEveryVersion(t *testing.T) {
	v := newVault(t)
	s, err := keys.NewSigner(keys.Config{Location: "https://tre.vault.azure.net/keys/receipts", Credential: credential{}, ClientOptions: v.options()})
	require.NoError(t, err)
	ids := func() (ids []string) {
		all, err := s.PublicKeys(t.Context())
		require.NoError(t, err)
		for _, k := range all {
			ids = append(ids, strings.TrimPrefix(k.ID, "https://tre.vault.azure.net/keys/receipts/"))
		}
		return ids
	}
	require.Equal(t, []string{"v1"}, ids())
	v.rotate(t)
	v.rotate(t)
	require.Equal(t, []string{"v1"}, ids(), "known for an hour")
	_, err = s.PublicKey(t.Context(), "https://tre.vault.azure.net/keys/receipts/v3")
	require.NoError(t, err, "an id that is not known is asked for")
	require.Equal(t, []string{"v1", "v2", "v3"}, ids(), "the oldest first")
	calls := len(v.calls)
	for _, stranger := range []string{"", "file:0011223344556677", "https://tre.vault.azure.net/keys/other/v1", "https://tre.vault.azure.net/keys/receipts/v9"} {
		_, err = s.PublicKey(t.Context(), stranger)
		require.ErrorIs(t, err, airlock.ErrUnknownKey, stranger)
	}
	require.Len(t, v.calls, calls+4, "one call for each")

	v.disabled = map[int]bool{2: true}
	s, err = keys.NewSigner(keys.Config{Location: "https://tre.vault.azure.net/keys/receipts", Credential: credential{}, ClientOptions: v.options()})
	require.NoError(t, err)
	require.Equal(t, []string{"v1", "v3"}, ids())
	_, err = s.PublicKey(t.Context(), "https://tre.vault.azure.net/keys/receipts/v2")
	require.ErrorIs(t, err, airlock.ErrUnknownKey, "whoever disables a version does not trust it")
	v.answers = []int{503, 503}
	_, err = s.PublicKey(t.Context(), "https://tre.vault.azure.net/keys/receipts/v4")
	requireFault(t, err, airlock.Transient, "Forbidden")
}

func TestFileOfSeveralKeys(t *testing.T) {
	first, second, third := privatePEM(t, elliptic.P256(), true), privatePEM(t, elliptic.P256(), false), privatePEM(t, elliptic.P256(), true)
	old, err := keys.NewSigner(keys.Config{Location: write(t, "k", first)})
	require.NoError(t, err)
	signature, id, err := old.Sign(t.Context(), digest)
	require.NoError(t, err)
	all, err := old.PublicKeys(t.Context())
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(all[0].Key)
	require.NoError(t, err)
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	s, err := keys.NewSigner(keys.Config{Location: write(t, "k", bytes.Join([][]byte{second, public, third}, nil))})
	require.NoError(t, err)
	verifies(t, s, signature, id)
	_, newer, err := s.Sign(t.Context(), digest)
	require.NoError(t, err)
	all, err = s.PublicKeys(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Equal(t, newer, all[2].ID, "the one that signs comes last")
	_, err = s.PublicKey(t.Context(), "file:0011223344556677")
	require.ErrorIs(t, err, airlock.ErrUnknownKey)
	_, err = keys.NewSigner(keys.Config{Location: write(t, "k", append(public, second...))})
	require.ErrorContains(t, err, "the key that signs comes first")
	_, err = keys.NewSigner(keys.Config{Location: write(t, "k", append(second, privatePEM(t, elliptic.P384(), true)...))})
	require.ErrorContains(t, err, "P-256")
}

func TestVaultTroubleHasKinds(t *testing.T) {
	for status, want := range map[int]airlock.FaultKind{403: airlock.Operator, 404: airlock.Operator, 429: airlock.Transient, 500: airlock.Transient, 503: airlock.Transient} {
		v := newVault(t)
		v.answers = []int{status, status, status, status}
		s, err := keys.NewSigner(keys.Config{Location: "https://tre.vault.azure.net/keys/receipts", Credential: credential{}, ClientOptions: v.options()})
		require.NoError(t, err)
		_, _, err = s.Sign(t.Context(), digest)
		f := requireFault(t, err, want, "Forbidden")
		assert.Equal(t, "read signing key on tre: Forbidden", f.Cause())
		assert.NotContains(t, f.Error(), "secret detail")
		m, err := keys.NewSealer(keys.Config{Location: "https://tre.vault.azure.net/secrets/state", Credential: credential{}, ClientOptions: v.options()})
		require.NoError(t, err)
		v.answers = []int{status, status}
		_, _, err = m.MAC(t.Context(), nil)
		requireFault(t, err, want, "Forbidden")
	}
}

func TestKeysCannotBePrinted(t *testing.T) {
	key := []byte("0123456789abcdefghijklmnopqrstuv")
	sealer, err := keys.NewSealer(keys.Config{Location: write(t, "k", []byte(hex.EncodeToString(key)))})
	require.NoError(t, err)
	secret := keys.NewSecret(key)
	signer, err := keys.NewSigner(keys.Config{Location: write(t, "k", privatePEM(t, elliptic.P256(), true))})
	require.NoError(t, err)
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	text := slog.New(slog.NewTextHandler(&out, nil))
	for _, v := range []any{sealer, *sealer, secret, struct{ S any }{secret}, map[string]any{"k": secret}, signer, *signer} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		marshalled, _ := json.Marshal(v)
		out.Write(marshalled)
		log.Info("x", "v", v)
		text.Info("x", "v", v)
	}
	for _, form := range []string{string(key), hex.EncodeToString(key), base64.StdEncoding.EncodeToString(key), "48 49 50 51", "0x30, 0x31", "30313233"} {
		assert.NotContains(t, out.String(), form)
	}
	require.Contains(t, out.String(), "[secret]")
}

func requireFault(t *testing.T, err error, kind airlock.FaultKind, code string) *airlock.Fault {
	t.Helper()
	var f *airlock.Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, kind, f.Kind, err)
	require.Equal(t, code, f.Code, err)
	return f
}
