package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

var testKey = []byte("0123456789abcdef0123456789abcdef")

func testMAC(_ context.Context, b []byte) ([]byte, string, error) {
	m := hmac.New(sha256.New, testKey)
	m.Write(b)
	return m.Sum(nil), "key-1", nil
}

// memory is a create-only store, as the evidence account is one.
type memory struct {
	mu     sync.Mutex
	items  map[string][]byte
	reads  int
	writes int
}

func (m *memory) Append(_ context.Context, name string, body []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes++
	if there, ok := m.items[name]; ok && string(there) != string(body) {
		return airlock.ErrImmutable
	}
	m.items[name] = body
	return nil
}

func (m *memory) Read(_ context.Context, name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	if body, ok := m.items[name]; ok {
		return body, nil
	}
	return nil, airlock.ErrGone
}

func (m *memory) log() *AnchorLog { return &AnchorLog{Append: m.Append, Read: m.Read, MAC: testMAC} }

func headOf(n, length int) AnchoredHead {
	return AnchoredHead{Workspace: testWorkspace, Request: airlock.RequestID(fmt.Sprintf("bbbbbbbb-0000-4000-8000-%012d", n)), Length: length, Hash: fmt.Sprint(n, "/", length)}
}

// requireOneLog checks that the entries follow each other and returns all heads.
func requireOneLog(t *testing.T, m *memory) []AnchoredHead {
	t.Helper()
	var heads []AnchoredHead
	var tail Tail
	for seq := 1; seq <= len(m.items); seq++ {
		body, ok := m.items[AnchorName(seq)]
		require.True(t, ok, "entry %d", seq)
		a, next, err := ParseAnchor(body)
		require.NoError(t, err)
		assert.Equal(t, seq, a.Seq)
		assert.Equal(t, tail.Hash, a.Prev)
		tail = next
		heads = append(heads, a.Heads...)
	}
	return heads
}

func TestAnchorsFollowEachOther(t *testing.T) {
	m := &memory{items: map[string][]byte{}}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	for n := range 5 {
		require.NoError(t, m.log().Add(t.Context(), []AnchoredHead{headOf(n, 3), headOf(n, 4), headOf(n, 1)}, at)) // a new process each time
	}
	heads := requireOneLog(t, m)
	require.Len(t, heads, 5)
	assert.Equal(t, headOf(0, 4), heads[0], "of one request the longest head counts")
	var e Envelope
	require.NoError(t, json.Unmarshal(m.items[AnchorName(1)], &e))
	payload, _ := base64.StdEncoding.DecodeString(e.Payload)
	mac, _, _ := testMAC(t.Context(), preAuth(anchorType, payload))
	assert.Equal(t, base64.StdEncoding.EncodeToString(mac), e.Signatures[0].Sig)
	assert.Contains(t, string(payload), `"at":"2026-01-02T02:04:05Z"`)
}

func TestWritersCannotForkTheLog(t *testing.T) {
	m := &memory{items: map[string][]byte{}}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			l := m.log()
			for n := range 10 {
				// ErrStale after too many lost races: the reconciler comes again.
				for {
					err := l.Add(t.Context(), []AnchoredHead{headOf(w, n+1)}, time.Unix(int64(n), 0))
					if !errors.Is(err, airlock.ErrStale) {
						assert.NoError(t, err)
						break
					}
				}
			}
		})
	}
	wg.Wait()
	assert.Len(t, requireOneLog(t, m), 40)
}

func TestTheEndIsFoundInFewReads(t *testing.T) {
	for _, length := range []int{0, 1, 2, 3, 4, 7, 8, 9, 100, 1000} {
		m := &memory{items: map[string][]byte{}}
		writer := m.log()
		for n := range length {
			require.NoError(t, writer.Add(t.Context(), []AnchoredHead{headOf(n, 1)}, time.Unix(0, 0)))
		}
		m.reads, m.writes = 0, 0
		require.NoError(t, m.log().Add(t.Context(), []AnchoredHead{headOf(0, 2)}, time.Unix(0, 0)))
		assert.Len(t, m.items, length+1)
		assert.LessOrEqual(t, m.reads, 22)
		assert.Equal(t, 1, m.writes)
	}
}

func TestAProcessThatSleptGoesOnAtTheEnd(t *testing.T) {
	m := &memory{items: map[string][]byte{}}
	slept, busy := m.log(), m.log()
	require.NoError(t, slept.Add(t.Context(), []AnchoredHead{headOf(0, 1)}, time.Unix(0, 0)))
	for n := range 500 {
		require.NoError(t, busy.Add(t.Context(), []AnchoredHead{headOf(1, n+1)}, time.Unix(0, 0)))
	}
	m.reads = 0
	require.NoError(t, slept.Add(t.Context(), []AnchoredHead{headOf(0, 2)}, time.Unix(0, 0)))
	assert.LessOrEqual(t, m.reads, 20)
	assert.Len(t, requireOneLog(t, m), 502)
}

func TestManyHeadsTakeSeveralEntries(t *testing.T) {
	m := &memory{items: map[string][]byte{}}
	var heads []AnchoredHead
	for n := range MaxHeads + 1 {
		heads = append(heads, headOf(n, 1))
	}
	require.NoError(t, m.log().Add(t.Context(), heads, time.Unix(0, 0)))
	assert.Len(t, m.items, 2)
	assert.Len(t, requireOneLog(t, m), MaxHeads+1)
	require.NoError(t, m.log().Add(t.Context(), nil, time.Unix(0, 0)))
	assert.Len(t, m.items, 2, "nothing to anchor, nothing written")
}

func TestALogThatWasTamperedWithIsNotGoneOnWith(t *testing.T) {
	m := &memory{items: map[string][]byte{AnchorName(1): []byte("{}")}}
	require.ErrorIs(t, m.log().Add(t.Context(), []AnchoredHead{headOf(1, 1)}, time.Unix(0, 0)), ErrBadEnvelope)
	other := &memory{items: map[string][]byte{}}
	require.NoError(t, other.log().Add(t.Context(), []AnchoredHead{headOf(1, 1)}, time.Unix(0, 0)))
	require.NoError(t, other.log().Add(t.Context(), []AnchoredHead{headOf(1, 2)}, time.Unix(0, 0)))
	m.items[AnchorName(1)] = other.items[AnchorName(2)]
	require.ErrorIs(t, m.log().Add(t.Context(), []AnchoredHead{headOf(1, 1)}, time.Unix(0, 0)), ErrBadEnvelope)
}
