package audit

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

var testKey = newKey()

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

func signWith(key *ecdsa.PrivateKey) Sign {
	return func(_ context.Context, digest []byte) ([]byte, string, error) {
		r, s, err := ecdsa.Sign(rand.Reader, key, digest)
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), "key-1", err
	}
}

func testPublic(_ context.Context, id string) (*ecdsa.PublicKey, error) {
	if id != "key-1" {
		return nil, airlock.ErrUnknownKey
	}
	return &testKey.PublicKey, nil
}

// memory is a create-only store, as the evidence account is one.
type memory struct {
	mu     sync.Mutex
	items  map[string][]byte
	reads  int
	writes int
	passed []PassedOver // of the last report
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
	if body, ok := m.items[name]; ok && body == nil {
		return nil, airlock.ErrNotEvidence // nobody can read it
	} else if ok {
		return body, nil
	}
	return nil, airlock.ErrGone
}

func (m *memory) log() *AnchorLog {
	return &AnchorLog{Append: m.Append, Read: m.Read, Sign: signWith(testKey), Key: testPublic,
		Damaged: func(_ context.Context, passed []PassedOver) { m.passed = passed }}
}

// add anchors with a new process.
func (m *memory) add(t *testing.T, heads ...AnchoredHead) {
	t.Helper()
	_, err := m.log().Add(t.Context(), heads, time.Unix(0, 0))
	require.NoError(t, err)
}

func headOf(n, length int) AnchoredHead {
	return AnchoredHead{Trail: TrailID{testWorkspace, airlock.RequestID(fmt.Sprintf("bbbbbbbb-0000-4000-8000-%012d", n))}.Name(), Length: length, Hash: fmt.Sprint(n, "/", length)}
}

// requireOneLog checks that the genuine entries follow each other, that each names
// what it passes over, and returns all heads.
func requireOneLog(t *testing.T, m *memory) []AnchoredHead {
	t.Helper()
	var heads []AnchoredHead
	var tail Tail
	var passed []PassedOver
	for seq := 1; seq <= len(m.items); seq++ {
		body, ok := m.items[AnchorName(seq)]
		require.True(t, ok, "entry %d", seq)
		a, next, err := OpenAnchor(t.Context(), body, testPublic)
		if err != nil || a.Seq != seq {
			p := PassedOver{Seq: seq, SHA256: hashOf(body)}
			if body == nil {
				p.SHA256 = ""
			}
			passed = append(passed, p)
			continue
		}
		assert.Equal(t, tail, Tail{a.Follows, a.Prev})
		assert.Equal(t, passed, a.PassedOver)
		tail, passed = next, nil
		heads = append(heads, a.Heads...)
	}
	assert.Empty(t, passed, "at the end")
	return heads
}

func TestAnchorsFollowEachOther(t *testing.T) {
	m := &memory{items: map[string][]byte{}}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	for n := range 5 {
		_, err := m.log().Add(t.Context(), []AnchoredHead{headOf(n, 3), headOf(n, 4), headOf(n, 1)}, at) // a new process each time
		require.NoError(t, err)
	}
	heads := requireOneLog(t, m)
	require.Len(t, heads, 5)
	assert.Equal(t, headOf(0, 4), heads[0], "of one request the longest head counts")
	var e Envelope
	require.NoError(t, json.Unmarshal(m.items[AnchorName(1)], &e))
	payload, _ := base64.StdEncoding.DecodeString(e.Payload)
	digest := sha256.Sum256(preAuth(anchorType, payload))
	sig, _ := base64.StdEncoding.DecodeString(e.Signatures[0].Sig)
	assert.True(t, ecdsa.VerifyASN1(&testKey.PublicKey, digest[:], sig))
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
					_, err := l.Add(t.Context(), []AnchoredHead{headOf(w, n+1)}, time.Unix(int64(n), 0))
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
			_, err := writer.Add(t.Context(), []AnchoredHead{headOf(n, 1)}, time.Unix(0, 0))
			require.NoError(t, err)
		}
		m.reads, m.writes = 0, 0
		_, err := m.log().Add(t.Context(), []AnchoredHead{headOf(0, 2)}, time.Unix(0, 0))
		require.NoError(t, err)
		assert.Len(t, m.items, length+1)
		assert.LessOrEqual(t, m.reads, 22)
		assert.Equal(t, 1, m.writes)
	}
}

func TestAProcessThatSleptGoesOnAtTheEnd(t *testing.T) {
	m := &memory{items: map[string][]byte{}}
	slept, busy := m.log(), m.log()
	_, err := slept.Add(t.Context(), []AnchoredHead{headOf(0, 1)}, time.Unix(0, 0))
	require.NoError(t, err)
	for n := range 500 {
		_, err := busy.Add(t.Context(), []AnchoredHead{headOf(1, n+1)}, time.Unix(0, 0))
		require.NoError(t, err)
	}
	m.reads = 0
	_, err = slept.Add(t.Context(), []AnchoredHead{headOf(0, 2)}, time.Unix(0, 0))
	require.NoError(t, err)
	assert.LessOrEqual(t, m.reads, 20)
	assert.Len(t, requireOneLog(t, m), 502)
}

func TestManyHeadsTakeSeveralEntries(t *testing.T) {
	m := &memory{items: map[string][]byte{}}
	var heads []AnchoredHead
	for n := range MaxHeads + 1 {
		heads = append(heads, headOf(n, 1))
	}
	_, err := m.log().Add(t.Context(), heads, time.Unix(0, 0))
	require.NoError(t, err)
	assert.Len(t, m.items, 2)
	assert.Len(t, requireOneLog(t, m), MaxHeads+1)
	_, err = m.log().Add(t.Context(), nil, time.Unix(0, 0))
	require.NoError(t, err)
	assert.Len(t, m.items, 2, "nothing to anchor, nothing written")
}

// An attacker can create blobs in the evidence account, and do nothing else.
func TestWhatIsPlantedInTheLogIsPassedOverAndNamed(t *testing.T) {
	entryOf := func(key *ecdsa.PrivateKey, seq int, turn func(*Anchor)) []byte {
		a := NewAnchor(Tail{Seq: seq - 1, Hash: "00"}, []AnchoredHead{headOf(1, 1)}, time.Unix(0, 0))
		if turn != nil {
			turn(&a)
		}
		body, _, err := a.Seal(t.Context(), signWith(key))
		require.NoError(t, err)
		return body
	}
	unsigned := func(seq int) []byte {
		var e map[string]any
		require.NoError(t, json.Unmarshal(entryOf(newKey(), seq, nil), &e))
		e["signatures"] = []any{}
		body, err := json.Marshal(e)
		require.NoError(t, err)
		return body
	}
	receipt, err := NewReceipt(approved(), airlock.Workspace{}, "", airlock.Container{}).Seal(t.Context(), signWith(testKey))
	require.NoError(t, err)
	for name, plant := range map[string]func(seq int) []byte{
		"empty":                   func(int) []byte { return []byte{} },
		"an object":               func(int) []byte { return []byte("{}") },
		"well-formed, not signed": unsigned,
		"signed with another key": func(seq int) []byte { return entryOf(newKey(), seq, nil) },
		"genuine, another number": func(seq int) []byte { return entryOf(testKey, seq+1, nil) },
		"genuine, but no anchor":  func(int) []byte { return receipt },
		"another format":          func(seq int) []byte { return entryOf(testKey, seq, func(a *Anchor) { a.Format = "airlock-anchor/1" }) },
		"what nobody can read":    func(int) []byte { return nil },
		"a great many signatures": func(int) []byte {
			return append([]byte(`{"payloadType":"`+anchorType+`","signatures":[`), []byte(strings.Repeat(`{},`, 99)+`{}]}`)...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, before := range []int{0, 1, 4, 7} {
				for _, run := range []int{1, 2, 9} {
					m := &memory{items: map[string][]byte{}}
					warm := m.log()
					for n := range before {
						_, err := warm.Add(t.Context(), []AnchoredHead{headOf(n, 1)}, time.Unix(0, 0))
						require.NoError(t, err)
					}
					for i := range run {
						m.items[AnchorName(before+1+i)] = plant(before + 1 + i)
					}
					m.items[AnchorName(before+run+8)] = plant(before + run + 8) // one ahead, as if to lead astray
					entries, err := warm.Add(t.Context(), []AnchoredHead{headOf(50, 1)}, time.Unix(0, 0))
					require.NoError(t, err)
					assert.Equal(t, []int{before + run + 1}, entries)
					assert.Len(t, m.passed, run, "reported")
					for n := range 12 { // new processes, and over the one ahead
						m.add(t, headOf(60+n, 1))
					}
					assert.Len(t, requireOneLog(t, m), before+13)
					m.passed = nil
					m.add(t, headOf(99, 1))
					assert.Empty(t, m.passed, "once")
				}
			}
		})
	}
}

// Trouble with the keys says nothing about an entry: it must not be passed over.
func TestAnEntryIsJudgedOnlyWithTheKeys(t *testing.T) {
	m := &memory{items: map[string][]byte{}}
	m.add(t, headOf(1, 1))
	away := errors.New("vault is away")
	l := m.log()
	l.Key = func(context.Context, string) (*ecdsa.PublicKey, error) { return nil, away }
	_, err := l.Add(t.Context(), []AnchoredHead{headOf(1, 2)}, time.Unix(0, 0))
	require.ErrorIs(t, err, away)
	assert.Len(t, m.items, 1)
}

// A log that goes on behind a long run of planted entries is found in few reads,
// and an entry names no more of them than fit.
func TestALongRunOfPlantedEntries(t *testing.T) {
	m := &memory{items: map[string][]byte{}}
	m.add(t, headOf(1, 1))
	for n := range maxPassedOver + 500 {
		m.items[AnchorName(n+2)] = []byte("{}")
	}
	m.add(t, headOf(1, 2))
	a, _, err := OpenAnchor(t.Context(), m.items[AnchorName(maxPassedOver+502)], testPublic)
	require.NoError(t, err)
	assert.Equal(t, 1, a.Follows)
	assert.Len(t, a.PassedOver, maxPassedOver)

	m = &memory{items: map[string][]byte{}}
	m.add(t, headOf(1, 1))
	for n := range 200 {
		m.items[AnchorName(n+2)] = []byte("{}")
	}
	writer := m.log()
	for n := range 600 {
		_, err := writer.Add(t.Context(), []AnchoredHead{headOf(2, n+1)}, time.Unix(0, 0))
		require.NoError(t, err)
	}
	m.reads = 0
	m.add(t, headOf(1, 3))
	assert.Less(t, m.reads, 60)
	requireOneLog(t, m)
}
