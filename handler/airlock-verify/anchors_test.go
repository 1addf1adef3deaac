package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/audit"
)

// fixture is a log of three anchors over two trails.
type fixture struct {
	log, trails, key string
	one, two         exported
}

func newFixture(t *testing.T) fixture {
	f := fixture{one: written(t, request1, "create", "submit", "approve", "link"), two: written(t, request2, "create"), trails: t.TempDir(), key: keyFile(t)}
	f.log = anchored(t, anchorKey, []audit.AnchoredHead{f.one.headAt(1)}, []audit.AnchoredHead{f.one.headAt(2), f.two.headAt(1)}, []audit.AnchoredHead{f.one.headAt(3)})
	f.one.save(t, f.trails, "one.json")
	f.two.save(t, f.trails, "two.json")
	return f
}

func (f fixture) verify() (int, string) {
	return verify("anchors", f.log, "--key", f.key, "--trails", f.trails)
}

func TestAnchorsOfWholeTrails(t *testing.T) {
	f := newFixture(t)
	code, out := f.verify()
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "3 anchors in one chain")
	assert.Contains(t, out, "one.json: as anchored, up to record 3")
	assert.Contains(t, out, "1 record not anchored yet")
	code, out = verify("anchors", f.log)
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "keyed digests were not checked")
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
		}, "anchor 2 was not sealed with the key"},
		{"bytes around the payload changed", func(t *testing.T, f fixture) {
			save(t, f.log, entryName(2), append(entry(t, f, 2), '\n'))
		}, "anchor 2 was edited or replaced: anchor 3 was chained to another one"},
		{"one removed", func(t *testing.T, f fixture) { require.NoError(t, os.Remove(filepath.Join(f.log, entryName(2)))) },
			"the log has a hole: 1 anchor is missing before anchor 3"},
		{"two exchanged", func(t *testing.T, f fixture) {
			second, third := entry(t, f, 2), entry(t, f, 3)
			save(t, f.log, entryName(2), third)
			save(t, f.log, entryName(3), second)
		}, "anchor 2 says that it is number 3"},
		{"another log's entry", func(t *testing.T, f fixture) {
			other := anchored(t, anchorKey, []audit.AnchoredHead{f.two.headAt(1)}, []audit.AnchoredHead{f.two.headAt(1)})
			body, err := os.ReadFile(filepath.Join(other, entryName(2)))
			require.NoError(t, err)
			save(t, f.log, entryName(2), body)
		}, "anchor 1 was edited or replaced: anchor 2 was chained to another one"},
		{"forged without the key", func(t *testing.T, f fixture) {
			other := anchored(t, bytes.Repeat([]byte{8}, 32), []audit.AnchoredHead{f.one.headAt(1)})
			body, err := os.ReadFile(filepath.Join(other, entryName(1)))
			require.NoError(t, err)
			save(t, f.log, entryName(1), body)
		}, "anchor 1 was not sealed with the key"},
		{"not an anchor", func(t *testing.T, f fixture) { save(t, f.log, entryName(2), []byte("x")) }, "anchor 2 cannot be read"},
		{"a log that contradicts itself", func(t *testing.T, f fixture) {
			other := written(t, request1, "create", "other")
			dir := anchored(t, anchorKey, []audit.AnchoredHead{f.one.headAt(2)}, []audit.AnchoredHead{other.headAt(2)}, []audit.AnchoredHead{f.one.headAt(3)})
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
	newer := save(t, t.TempDir(), "new.key", bytes.Repeat([]byte{0xfe}, 32)) // raw bytes
	code, out := verify("anchors", "--key", newer, f.log, "--key="+f.key)
	assert.Equal(t, 0, code, out)
	code, _ = verify("anchors", f.log, "--key", newer)
	assert.Equal(t, 1, code)
}

func TestAnEmptyLogProvesNothing(t *testing.T) {
	code, out := verify("anchors", t.TempDir())
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "nothing to check")
}
