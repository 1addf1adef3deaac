package defender

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/event"
)

// stage is an account with blobs and the verdicts published about them.
type stage struct {
	mu       sync.Mutex
	blobs    map[string]Blob
	failures int
	verdicts chan event.Event
}

func (s *stage) read(_ context.Context, account, container, name string, limit int64) (Blob, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures > 0 {
		s.failures--
		return Blob{}, assert.AnError
	}
	blob, ok := s.blobs[account+"/"+container+"/"+name]
	if !ok {
		return Blob{}, fs.ErrNotExist
	}
	blob.Body = blob.Body[:min(int64(len(blob.Body)), limit)]
	return blob, nil
}

func start(t *testing.T, c Config) (d *Defender, s *stage, stop func()) {
	t.Helper()
	s = &stage{blobs: map[string]Blob{}, verdicts: make(chan event.Event, 10)}
	c.Read, c.Accounts = s.read, map[string][]string{"ip": {"left-out"}}
	c.Publish = func(topic string, e event.Event) {
		assert.Equal(t, "scanresult", topic)
		s.verdicts <- e
	}
	d = New(c)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
	})
	t.Cleanup(stop)
	return d, s, stop
}

func (s *stage) put(d *Defender, account, name, body string) {
	s.mu.Lock()
	s.blobs[account+"/c/"+name] = Blob{[]byte(body), `"0x1"`}
	s.mu.Unlock()
	d.BlobCreated(account, event.New(event.BlobCreated, "/blobServices/default/containers/c/blobs/"+name, "",
		map[string]string{"url": "https://" + account + ".blob.core.windows.net/c/" + name}))
}

// tagged records what Tag is called with.
type tagged struct {
	mu   sync.Mutex
	tags map[string]string // scan results by blob
}

func (t *tagged) tag(_ context.Context, _, _, name string, tags map[string]string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tags[name] = tags["Malware Scanning scan result"]
	return nil
}

func (t *tagged) of(name string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tags[name]
}

func TestTheVerdictIsLeftOnTheBlob(t *testing.T) {
	marks := &tagged{tags: map[string]string{}}
	d, s, _ := start(t, Config{Tag: marks.tag})
	s.put(d, "ip", "clean", "harmless")
	s.verdict(t)
	assert.Equal(t, "No threats found", marks.of("clean"), "the tag is there before the event")
	for blob, rule := range map[string]Rule{
		"silent": {Verdict: Silence}, "lost": {Verdict: Silence, Tag: Clean}, "untagged": {Verdict: Clean, Tag: Silence},
		"stale": {Verdict: Clean, ETag: "0x0"}, "late": {Verdict: Clean, TagDelay: Duration(30 * time.Millisecond)},
	} {
		rule.Blob = blob
		require.NoError(t, d.Force(rule))
		s.put(d, "ip", blob, "harmless")
	}
	require.Eventually(t, func() bool { return marks.of("lost") != "" && marks.of("late") != "" && len(d.Scans()) == 6 }, 5*time.Second, time.Millisecond)
	for _, blob := range []string{"silent", "untagged", "stale"} {
		assert.Empty(t, marks.of(blob), blob)
	}
	require.NoError(t, d.Say(t.Context(), "ip", "c", "clean", "0x9", Malicious))
	assert.Equal(t, "No threats found", marks.of("clean"), "said of another version")
	require.NoError(t, d.Say(t.Context(), "ip", "c", "clean", "0x1", Malicious))
	assert.Equal(t, "Malicious", marks.of("clean"))
}

// The codes are those that Defender documents, with their meaning.
func TestReasonsHaveDefendersCodes(t *testing.T) {
	d, s, _ := start(t, Config{})
	for _, rule := range []Rule{{Verdict: NotScanned}, {Verdict: Error}, {Verdict: NotScanned, Reason: "SAM259210: protected by a password"}} {
		rule.Once = true
		require.NoError(t, d.Force(rule))
		s.put(d, "ip", "x", "")
		_, v := s.verdict(t)
		member := map[Verdict]string{NotScanned: "notScannedReason", Error: "errorReason"}[rule.Verdict]
		assert.Regexp(t, `^SAM\d{6}: `, v.ScanResultDetails[member])
		if rule.Reason != "" {
			assert.Equal(t, rule.Reason, v.ScanResultDetails[member])
		}
	}
}

type verdict struct {
	BlobURI, ETag, ScanResultType string
	ScanResultDetails             map[string]any
}

func (s *stage) verdict(t *testing.T) (event.Event, verdict) {
	t.Helper()
	select {
	case e := <-s.verdicts:
		var v verdict
		require.NoError(t, json.Unmarshal(e.Data, &v))
		return e, v
	case <-time.After(5 * time.Second):
		require.Fail(t, "no verdict")
		return event.Event{}, verdict{}
	}
}

func TestContentDecides(t *testing.T) {
	d, s, _ := start(t, Config{})
	require.Len(t, eicar, 68)
	s.put(d, "ip", "a b.txt", "harmless")
	e, v := s.verdict(t)
	assert.Equal(t, "storageAccounts/ip/containers/c/blobs/a b.txt", e.Subject)
	assert.Equal(t, event.ScanResult, e.EventType)
	assert.Equal(t, "1.1", e.DataVersion)
	assert.Equal(t, verdict{"https://ip.blob.core.windows.net/c/a b.txt", "0x1", "No threats found", nil}, v)

	s.put(d, "ip", "virus", strings.Repeat("x", 1<<20)+string(eicar)+"tail")
	_, v = s.verdict(t)
	assert.Equal(t, "Malicious", v.ScanResultType)
	assert.Equal(t, []any{"Virus:DOS/EICAR_Test_File"}, v.ScanResultDetails["malwareNamesFound"])
	assert.Regexp(t, "^[0-9a-f]{64}$", v.ScanResultDetails["sha256"])

	s.put(d, "ip", "far", string(bytes.Repeat([]byte("x"), readLimit))+string(eicar))
	_, v = s.verdict(t)
	assert.Equal(t, "No threats found", v.ScanResultType)

	s.put(d, "other", "virus", string(eicar))
	d.BlobCreated("ip", event.New("Microsoft.Storage.BlobDeleted", "/blobServices/default/containers/c/blobs/x", "", nil))
	d.BlobCreated("ip", event.New(event.BlobCreated, "/blobServices/default/containers/c/blobs/gone", "", nil))
	s.mu.Lock()
	s.blobs["ip/left-out-c/x"] = Blob{Body: eicar, ETag: "0x1"}
	s.mu.Unlock()
	d.BlobCreated("ip", event.New(event.BlobCreated, "/blobServices/default/containers/left-out-c/blobs/x", "", nil))
	s.put(d, "ip", "last", "")
	_, v = s.verdict(t)
	assert.Equal(t, "https://ip.blob.core.windows.net/c/last", v.BlobURI, "nothing was said of the others")
}

func TestForcedVerdicts(t *testing.T) {
	d, s, _ := start(t, Config{})
	require.NoError(t, d.Force(Rule{Verdict: Malicious}))
	require.NoError(t, d.Force(Rule{Verdict: NotScanned, Blob: "odd"}))
	require.NoError(t, d.Force(Rule{Verdict: Error, Blob: "odd", Once: true}))
	require.NoError(t, d.Force(Rule{Verdict: Silence, Blob: "silent"}))
	require.NoError(t, d.Force(Rule{Verdict: Clean, Blob: "stale", ETag: "0x0", Delay: Duration(time.Millisecond)}))
	require.Error(t, d.Force(Rule{Verdict: "maybe"}))
	for _, step := range []struct{ name, want, etag string }{
		{"odd", "Error", "0x1"}, {"odd", "Not scanned", "0x1"}, {"x", "Malicious", "0x1"}, {"stale", "No threats found", "0x0"},
	} {
		s.put(d, "ip", step.name, "harmless")
		_, v := s.verdict(t)
		assert.Equal(t, step.want, v.ScanResultType)
		assert.Equal(t, step.etag, v.ETag)
	}
	s.put(d, "ip", "silent", "harmless")
	require.Eventually(t, func() bool { return len(d.Scans()) == 5 }, 5*time.Second, time.Millisecond)
	assert.Empty(t, s.verdicts)
	d.Unforce()
	s.put(d, "ip", "x", "harmless")
	_, v := s.verdict(t)
	assert.Equal(t, "No threats found", v.ScanResultType)
}

func TestVerdictOfTheNextRequest(t *testing.T) {
	d, s, _ := start(t, Config{})
	require.NoError(t, d.Force(Rule{Verdict: Error, NextRequest: true}))
	for range 2 {
		s.put(d, "ip", "x", "")
		_, v := s.verdict(t)
		assert.Equal(t, "Error", v.ScanResultType)
	}
	s.mu.Lock()
	s.blobs["ip/other/x"] = Blob{}
	s.mu.Unlock()
	d.BlobCreated("ip", event.New(event.BlobCreated, "/blobServices/default/containers/other/blobs/x", "", nil))
	_, v := s.verdict(t)
	assert.Equal(t, "No threats found", v.ScanResultType)
}

func TestReadingIsTriedAgain(t *testing.T) {
	d, s, _ := start(t, Config{})
	s.failures = 2
	s.put(d, "ip", "x", "")
	_, v := s.verdict(t)
	assert.Equal(t, "No threats found", v.ScanResultType)
	s.mu.Lock()
	s.failures = tries
	s.mu.Unlock()
	s.put(d, "ip", "x", "")
	_, v = s.verdict(t)
	assert.Equal(t, "Error", v.ScanResultType)
}

func TestPendingScansSurviveARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scans")
	d, s, stop := start(t, Config{Delay: time.Hour, StateFile: file})
	s.put(d, "ip", "x", "")
	stop()
	assert.Empty(t, s.verdicts)
	d2 := New(Config{StateFile: file, Read: s.read, Publish: func(_ string, e event.Event) { s.verdicts <- e }})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d2.Run(ctx) }()
	_, v := s.verdict(t)
	assert.Equal(t, "0x1", v.ETag)
	cancel()
	require.NoError(t, <-done)
}

func TestControlOverHTTP(t *testing.T) {
	d, s, _ := start(t, Config{})
	call := func(method, path, body string) (int, string) {
		w := httptest.NewRecorder()
		d.Control().ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
		return w.Code, w.Body.String()
	}
	status, body := call("POST", "/rules", `{"verdict":"malicious","once":true,"delay":"1ms"}`)
	require.Equal(t, 200, status, body)
	for _, bad := range []string{`{"verdict":"x"}`, `{"misspelt":1}`, `{"verdict":"clean","delay":5}`} {
		status, _ = call("POST", "/rules", bad)
		assert.Equal(t, 400, status, bad)
	}
	_, body = call("GET", "/rules", "")
	assert.JSONEq(t, `[{"verdict":"malicious","once":true,"delay":"1ms"}]`, body)
	status, body = call("POST", "/verdict?verdict=none&blob=x&last=true", "")
	require.Equal(t, 200, status)
	assert.Contains(t, body, `{"verdict":"none","blob":"x"}`)
	status, _ = call("POST", "/verdict?verdict=x", "")
	assert.Equal(t, 400, status)
	_, body = call("POST", "/verdict?verdict=auto", "")
	assert.JSONEq(t, `[]`, body)
	_, body = call("DELETE", "/rules", "")
	assert.JSONEq(t, `[]`, body)
	status, _ = call("POST", "/say", `{"account":"ip","container":"c","blob":"b","eTag":"0x9","verdict":"malicious"}`)
	require.Equal(t, 200, status)
	_, v := s.verdict(t)
	assert.Equal(t, "0x9", v.ETag)
	status, _ = call("POST", "/say", `{"verdict":"none"}`)
	assert.Equal(t, 400, status)
	_, body = call("GET", "/scans", "")
	assert.JSONEq(t, `[]`, body)
}
