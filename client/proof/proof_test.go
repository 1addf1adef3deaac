package proof

import (
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
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const workspace, request = "w", "r"

// chain is a right trail of n records.
func chain(n int) ([]Record, Head) {
	var all []Record
	before := ""
	for seq := 1; seq <= n; seq++ {
		body := fmt.Sprintf(`{"format":"airlock-audit/1","workspace":%q,"request":%q,"seq":%d,"prev":%q}`, workspace, request, seq, before)
		sum := sha256.Sum256([]byte(body))
		before = hex.EncodeToString(sum[:])
		all = append(all, Record{seq, before, body})
	}
	return all, Head{before, n}
}

func TestCheckChain(t *testing.T) {
	t.Parallel()
	for what, damage := range map[string]func(r []Record, h *Head) []Record{
		"edited":         func(r []Record, _ *Head) []Record { r[1].Body += " "; return r },
		"removed":        func(r []Record, _ *Head) []Record { return append(r[:1], r[2:]...) },
		"added":          func(r []Record, _ *Head) []Record { return append(r, r[2]) },
		"reordered":      func(r []Record, _ *Head) []Record { r[0], r[1] = r[1], r[0]; return r },
		"cut end":        func(r []Record, _ *Head) []Record { return r[:2] },
		"cut beginning":  func(r []Record, _ *Head) []Record { return r[1:] },
		"other head":     func(r []Record, h *Head) []Record { h.Hash = r[0].Hash; return r },
		"longer head":    func(r []Record, h *Head) []Record { h.Length++; return r },
		"empty":          func([]Record, *Head) []Record { return nil },
		"hidden in name": func(r []Record, _ *Head) []Record { r[1].Hash = r[0].Hash; r[1].Body = ""; return r },
	} {
		records, head := chain(3)
		wrong, _ := CheckChain(workspace, request, damage(records, &head), head)
		assert.NotEmpty(t, wrong, what)
	}
	records, head := chain(3)
	wrong, hidden := CheckChain(workspace, request, records, head)
	assert.Empty(t, wrong)
	assert.Zero(t, hidden)
	wrong, _ = CheckChain(workspace, "another", records, head)
	assert.NotEmpty(t, wrong, "the trail of another request")
	records[1].Body = "" // shown to nobody yet
	wrong, hidden = CheckChain(workspace, request, records, head)
	assert.Empty(t, wrong)
	assert.Equal(t, 1, hidden)
}

func sign(t *testing.T, key *ecdsa.PrivateKey, payloadType, payload string) []byte {
	t.Helper()
	digest := sha256.Sum256(fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload))
	sig, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	require.NoError(t, err)
	body, err := json.Marshal(map[string]any{"payloadType": payloadType, "payload": base64.StdEncoding.EncodeToString([]byte(payload)),
		"signatures": []any{map[string]string{"sig": base64.StdEncoding.EncodeToString(sig)}}})
	require.NoError(t, err)
	return body
}

func TestOpenReceipt(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	const said = `{"format":"airlock-receipt/1","request":"r","files":[{"name":"a","size":1,"sha256":"x"}]}`
	keys := Keys{&other.PublicKey, &key.PublicKey}

	r, err := OpenReceipt(sign(t, key, receiptType, said), keys)
	require.NoError(t, err)
	assert.Equal(t, "a", r.Files[0].Name)

	edited := sign(t, key, receiptType, said)
	var e map[string]any
	require.NoError(t, json.Unmarshal(edited, &e))
	e["payload"] = base64.StdEncoding.EncodeToString([]byte(said + " "))
	edited, err = json.Marshal(e)
	require.NoError(t, err)
	for what, body := range map[string][]byte{
		"edited":         edited,
		"another type":   sign(t, key, "application/vnd.airlock.anchor+json", said),
		"another format": sign(t, key, receiptType, `{"format":"airlock-receipt/9"}`),
		"no JSON":        []byte("x"),
		"no signature":   []byte(`{"payloadType":"` + receiptType + `","payload":"e30=","signatures":[]}`),
	} {
		_, err := OpenReceipt(body, keys)
		assert.Error(t, err, what)
	}
	_, err = OpenReceipt(sign(t, key, receiptType, said), Keys{&other.PublicKey})
	assert.Error(t, err, "signed by another key")
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(t, err)
	keys, err := ParseKeys(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	require.NoError(t, err)
	assert.True(t, keys[0].Equal(&key.PublicKey))
	for _, text := range []string{"", "{}", `{"keys":[]}`, `{"keys":[{"kty":"RSA"}]}`, `{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`,
		"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"} {
		_, err := ParseKeys([]byte(text))
		assert.Error(t, err, text)
	}
}

func FuzzOpenReceipt(f *testing.F) {
	f.Add([]byte(`{"payloadType":"` + receiptType + `","payload":"e30=","signatures":[{"sig":"AA=="}]}`))
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body []byte) {
		_, err := OpenReceipt(body, Keys{&key.PublicKey})
		assert.Error(t, err, "nobody signed it")
	})
}
