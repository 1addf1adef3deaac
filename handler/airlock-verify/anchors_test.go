package main

import (
	"context"
	"crypto/ecdsa"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// fixture is a log of three anchors over two trails.
type fixture struct {
	log, trails, key string
	one, two         exported
}

func newFixture(t *testing.T) fixture {
	f := fixture{one: written(t, request1, "create", "submit", "approve", "link"), two: written(t, request2, "create"), trails: t.TempDir(), key: setFile(t, newKey(), serviceKey)}
	f.log = anchored(t, serviceKey, []audit.AnchoredHead{f.one.headAt(1)}, []audit.AnchoredHead{f.one.headAt(2), f.two.headAt(1)}, []audit.AnchoredHead{f.one.headAt(3)})
	f.one.save(t, f.trails, "one.json")
	f.two.save(t, f.trails, "two.json")
	return f
}

func (f fixture) verify() (int, string) {
	return verify("anchors", f.log, "--keys", f.key, "--trails", f.trails)
}

func TestAnchorsOfWholeTrails(t *testing.T) {
	f := newFixture(t)
	code, out := f.verify()
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "3 anchors in one chain")
	assert.Contains(t, out, "one.json: as anchored, up to record 3")
	assert.Contains(t, out, "1 record not anchored yet")
	code, out = verify("anchors", f.log, "--keys", pemFile(t, serviceKey))
	assert.Equal(t, 0, code, out)
	code, _ = verify("anchors", f.log)
	assert.Equal(t, 2, code, "anybody's word")
}

func TestATrailCutTogetherWithItsHead(t *testing.T) {
	f := newFixture(t)
	cut := f.one
	cut.Records, cut.Head.Length, cut.Head.Hash = cut.Records[:2], 2, cut.Records[1].Hash
	file := cut.save(t, f.trails, "one.json")
	code, out := verify("chain", file)
	assert.Equal(t, 0, code, "the chain alone cannot show it: %s", out)
	code, out = f.verify()
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "cut off: anchor 3 knows 3 records, the trail ends at record 2")
}

func TestATrailRewrittenTogetherWithItsHead(t *testing.T) {
	f := newFixture(t)
	file := written(t, request1, "create", "submit", "reject", "link").save(t, f.trails, "one.json")
	code, out := verify("chain", file)
	assert.Equal(t, 0, code, out)
	code, out = f.verify()
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "record 3, or one before it, was rewritten: anchor 3 has another hash")
	assert.NotContains(t, out, "record 2, or one before it", "the records before are right")
}

func TestTamperingWithTheLog(t *testing.T) {
	entry := func(t *testing.T, f fixture, n int) []byte {
		body, err := os.ReadFile(filepath.Join(f.log, entryName(n)))
		require.NoError(t, err)
		return body
	}
	tests := []struct {
		name   string
		change func(t *testing.T, f fixture)
		want   string
	}{
		{"edited", func(t *testing.T, f fixture) {
			save(t, f.log, entryName(2), edited(t, entry(t, f, 2), f.one.Records[1].Hash, f.two.Records[0].Hash))
		}, "anchor 2 is not signed with the keys given"},
		{"bytes around the payload changed", func(t *testing.T, f fixture) {
			save(t, f.log, entryName(2), append(entry(t, f, 2), '\n'))
		}, "anchor 2 was edited or replaced: anchor 3 was chained to another one"},
		{"one removed", func(t *testing.T, f fixture) { require.NoError(t, os.Remove(filepath.Join(f.log, entryName(2)))) },
			"the log has a hole: anchor 3 follows anchor 2, which is missing"},
		{"two exchanged", func(t *testing.T, f fixture) {
			second, third := entry(t, f, 2), entry(t, f, 3)
			save(t, f.log, entryName(2), third)
			save(t, f.log, entryName(3), second)
		}, "anchor 2 says that it is number 3"},
		{"another log's entry", func(t *testing.T, f fixture) {
			other := anchored(t, serviceKey, []audit.AnchoredHead{f.two.headAt(1)}, []audit.AnchoredHead{f.two.headAt(1)})
			body, err := os.ReadFile(filepath.Join(other, entryName(2)))
			require.NoError(t, err)
			save(t, f.log, entryName(2), body)
		}, "anchor 1 was edited or replaced: anchor 2 was chained to another one"},
		{"forged without the key", func(t *testing.T, f fixture) {
			other := anchored(t, newKey(), []audit.AnchoredHead{f.one.headAt(1)})
			body, err := os.ReadFile(filepath.Join(other, entryName(1)))
			require.NoError(t, err)
			save(t, f.log, entryName(1), body)
		}, "anchor 1 is not signed with the keys given"},
		{"not an anchor", func(t *testing.T, f fixture) { save(t, f.log, entryName(2), []byte("x")) }, "anchor 2 cannot be read"},
		{"a log that contradicts itself", func(t *testing.T, f fixture) {
			other := written(t, request1, "create", "other")
			dir := anchored(t, serviceKey, []audit.AnchoredHead{f.one.headAt(2)}, []audit.AnchoredHead{other.headAt(2)}, []audit.AnchoredHead{f.one.headAt(3)})
			for n := 1; n <= 3; n++ {
				body, err := os.ReadFile(filepath.Join(dir, entryName(n)))
				require.NoError(t, err)
				save(t, f.log, entryName(n), body)
			}
		}, "anchors 1 and 2 hold different heads for 2 records"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			tt.change(t, f)
			code, out := f.verify()
			assert.Equal(t, 1, code, out)
			assert.Contains(t, out, tt.want)
		})
	}
}

func TestAnOlderKeyStillCounts(t *testing.T) {
	f := newFixture(t)
	newer := setFile(t, newKey())
	code, out := verify("anchors", "--keys", newer, f.log, "--keys="+f.key)
	assert.Equal(t, 0, code, out)
	code, _ = verify("anchors", f.log, "--keys", newer)
	assert.Equal(t, 1, code)
}

func TestAnEmptyLogProvesNothing(t *testing.T) {
	code, out := verify("anchors", t.TempDir(), "--keys", setFile(t, serviceKey))
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "nothing to check")
}

func TestKeysThatAreNone(t *testing.T) {
	f := newFixture(t)
	for _, content := range []string{"", "{}", `{"keys":[]}`, `{"keys":[{"kty":"RSA","n":"AQ"}]}`, `{"keys":[{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}]}`, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		code, out := verify("anchors", f.log, "--keys", save(t, t.TempDir(), "keys", []byte(content)))
		assert.Equal(t, 2, code, out)
	}
}

// Somebody who can create blobs plants an entry; the service goes on behind it and says so.
func TestWhatTheLogPassesOver(t *testing.T) {
	f := newFixture(t)
	store := map[string][]byte{}
	for n := 1; n <= 3; n++ {
		body, err := os.ReadFile(filepath.Join(f.log, entryName(n)))
		require.NoError(t, err)
		store[entryName(n)] = body
	}
	store[entryName(4)], store[entryName(5)] = []byte("{}"), store[entryName(2)]
	save(t, f.log, entryName(4), store[entryName(4)])
	save(t, f.log, entryName(5), store[entryName(5)])
	code, out := f.verify()
	assert.Equal(t, 1, code, "nobody has accounted for it: %s", out)
	assert.Contains(t, out, "anchor 5 says that it is number 2")

	log := audit.AnchorLog{Sign: signWith(serviceKey),
		Key: func(context.Context, string) (*ecdsa.PublicKey, error) { return &serviceKey.PublicKey, nil },
		Read: func(_ context.Context, name string) ([]byte, error) {
			if body, there := store[name]; there {
				return body, nil
			}
			return nil, airlock.ErrGone
		},
		Append: func(_ context.Context, name string, body []byte) error {
			save(t, f.log, name, body)
			return nil
		},
		Damaged: func(context.Context, []audit.PassedOver) {},
	}
	_, err := log.Add(t.Context(), []audit.AnchoredHead{f.one.headAt(4)}, time.Now())
	require.NoError(t, err)
	code, out = f.verify()
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "number 4 holds no anchor of the service; anchor 6 says so")
	assert.Contains(t, out, "one.json: as anchored, up to record 4")
}

// To-do rows deleted in a loop keep a trail out of the log.
func TestARecordThatWasKeptOutOfTheLog(t *testing.T) {
	f := newFixture(t)
	late := f.one
	late.Exported = late.Exported.Add(time.Minute * 4) // the fourth record is of 3:03
	late.save(t, f.trails, "one.json")
	code, out := f.verify()
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "one.json: record 4 of 2026-01-02T03:03:00Z is in no anchor")
	late.Exported = time.Time{}
	late.save(t, f.trails, "one.json")
	code, _ = f.verify()
	assert.Equal(t, 1, code, "an export of an unknown time is one of now")
	never := written(t, "bbbbbbbb-0000-4000-8000-000000000003", "create")
	never.save(t, f.trails, "one.json")
	code, out = f.verify()
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "1 record not anchored yet")
}
