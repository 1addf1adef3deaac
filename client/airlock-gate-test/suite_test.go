package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/client"
	"example.org/airlock/client/gate"
)

// marker is the text that the tests' gate looks for.
const marker = "forbidden-marker-4711"

// bearer is the token that the suite wants.
type bearer string

func (b bearer) Token(context.Context, client.Audience, bool) (string, error) { return string(b), nil }

// judge finds files with the marker.
func judge(_ context.Context, files []gate.Local) (gate.Judgement, error) {
	said := gate.Judgement{Outcome: gate.Passed}
	for _, f := range files {
		body, err := os.ReadFile(f.Path)
		if err != nil {
			return said, err
		}
		if bytes.Contains(body, []byte(marker)) {
			said.Outcome = gate.Blocked
			said.Findings = append(said.Findings, gate.Finding{Rule: "test.marker", Severity: "high", File: f.Name})
		}
	}
	return said, nil
}

// playing is a suite with a gate before it. wrap may spoil the gate's calls.
func playing(t *testing.T, wrap func(http.RoundTripper) http.RoundTripper, judge func(context.Context, []gate.Local) (gate.Judgement, error)) (*player, *bytes.Buffer) {
	t.Helper()
	o := options{listen: "127.0.0.1:0", token: "t", gate: "dlp", wait: time.Minute, settle: 400 * time.Millisecond}
	s, err := open(o)
	require.NoError(t, err)
	t.Cleanup(s.close)
	transport := wrap(&http.Transport{})
	api, err := client.New(s.url(), transport, bearer("t"))
	require.NoError(t, err)
	g := gate.New(gate.Config{API: api, Transport: transport, Engine: gate.Engine{Name: "test", Version: "1"}, Judge: judge, Folder: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { g.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	o.events = server.URL
	var out bytes.Buffer
	return &player{service: s, options: o, out: &out}, &out
}

func honest(r http.RoundTripper) http.RoundTripper { return r }

// A gate made with package gate keeps the contract. Each scene has a suite and a gate of
// its own here: most scenes wait for calls that should not come.
func TestAGateOfPackageGateKeepsTheContract(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "bad")
	require.NoError(t, os.WriteFile(bad, []byte("a\n"+marker+"\n"), 0o600))
	for _, one := range scenes {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			p, out := playing(t, honest, judge)
			p.bad = bad
			assert.True(t, p.play(t.Context(), []scene{one}), out.String())
			assert.Equal(t, "pass       "+one.name+"\n\nThe gate keeps the contract.\n", out.String())
		})
	}
}

// spoil changes the calls of a gate.
type spoil struct {
	http.RoundTripper
	change func(*http.Request)
}

func (s spoil) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	s.change(r)
	return s.RoundTripper.RoundTrip(r)
}

// rewrites changes the members of each verdict.
func rewrites(change func(map[string]any)) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return spoil{next, func(r *http.Request) {
			if r.Method != http.MethodPut {
				return
			}
			body, _ := io.ReadAll(r.Body)
			var v map[string]any
			_ = json.Unmarshal(body, &v)
			change(v)
			body, _ = json.Marshal(v)
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}}
	}
}

// Each way to break the contract is found, by the scene that is about it.
func TestBrokenGatesAreFound(t *testing.T) {
	t.Parallel()
	tells := func(_ context.Context, files []gate.Local) (gate.Judgement, error) {
		said, err := judge(context.Background(), files)
		for i := range said.Findings {
			said.Findings[i].Rule = marker // the content comes back as the name of a rule
		}
		return said, err
	}
	tests := map[string]struct {
		scene string
		wrap  func(http.RoundTripper) http.RoundTripper
		judge func(context.Context, []gate.Local) (gate.Judgement, error)
		says  string
	}{
		"no token": {"harmless", func(next http.RoundTripper) http.RoundTripper {
			return spoil{next, func(r *http.Request) { r.Header.Del("Authorization") }}
		}, judge, "no verdict came"},
		"a token for storage": {"harmless", func(next http.RoundTripper) http.RoundTripper {
			return spoil{next, func(r *http.Request) { r.Header.Set("Authorization", "Bearer t") }}
		}, judge, "sent its token to storage"},
		"another digest":        {"harmless", rewrites(func(v map[string]any) { v["contentDigest"] = "sha256:" + strings.Repeat("0", 64) }), judge, "contentDigest is not that of the task"},
		"a file left out":       {"harmless", rewrites(func(v map[string]any) { v["files"] = v["files"].([]any)[:1] }), judge, "does not name every file once"},
		"a word of its own":     {"harmless", rewrites(func(v map[string]any) { v["outcome"] = "fine" }), judge, `outcome "fine" is not`},
		"finds nothing":         {"sample", rewrites(func(v map[string]any) { v["outcome"] = "passed" }), judge, `it says "passed"`},
		"tells the data":        {"sample", honest, tells, "repeats what is in the file"},
		"no check of the bytes": {"otherBytes", func(next http.RoundTripper) http.RoundTripper { return trusting{next} }, judge, "as if they were the task's"},
	}
	plays := map[string]func(context.Context, *player) string{"harmless": harmless, "sample": sample, "otherBytes": otherBytes}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, out := playing(t, tt.wrap, tt.judge)
			if strings.Contains(tt.says, "no verdict") || strings.Contains(tt.says, "contentDigest") {
				p.wait = 2 * time.Second // it ends by that alone
			}
			p.bad = filepath.Join(t.TempDir(), "bad")
			require.NoError(t, os.WriteFile(p.bad, []byte("a\n"+marker+"\n"), 0o600))
			ok := p.play(t.Context(), []scene{{name: tt.scene, play: plays[tt.scene]}})
			assert.False(t, ok)
			assert.Contains(t, out.String(), "FAIL")
			assert.Contains(t, out.String(), tt.says)
		})
	}
}

// trusting takes storage's bytes for the task's: it puts the verdict of a gate that does
// not compare.
type trusting struct{ http.RoundTripper }

func (g trusting) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := g.RoundTripper.RoundTrip(r)
	if err != nil || !strings.HasPrefix(r.URL.Path, "/storage/") {
		return resp, err
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(strings.NewReader(harmlessText))
	return resp, nil
}

// The program says what is wrong with a call.
func TestTheProgramSaysHowItIsCalled(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	assert.Equal(t, unusable, run(t.Context(), nil, &out, &errs))
	assert.Contains(t, errs.String(), "say where the gate takes events")
	errs.Reset()
	assert.Equal(t, keeps, run(t.Context(), []string{"--help"}, &out, &errs))
	assert.Contains(t, errs.String(), "AIRLOCK_URL")
	errs.Reset()
	assert.Equal(t, unusable, run(t.Context(), []string{"--listen", "127.0.0.1:0", "--wait", "200ms", "http://127.0.0.1:1/"}, &out, &errs))
	assert.Contains(t, errs.String(), "does not take connections")
	assert.True(t, slices.ContainsFunc(scenes, func(s scene) bool { return s.skip != nil }))
}
