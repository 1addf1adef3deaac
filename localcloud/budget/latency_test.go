package budget

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/story"
)

// patterned is a file of one pattern.
func patterned(name string, size int64) story.File {
	return story.File{Name: name, Size: size, Open: func() io.Reader { return io.LimitReader(pattern{}, size) }}
}

type pattern struct{}

var piece = strings.Repeat("0123456789abcdef", 4096)

func (pattern) Read(b []byte) (int, error) { return copy(b, piece), nil }

// unscanned switches scanning off in a workspace until the test is over.
func unscanned(b testing.TB, workspace string) {
	b.Helper()
	scanning := func(on bool) {
		_, err := shared.ChangePolicy(context.WithoutCancel(b.Context()), workspace, func(policy map[string]any) { story.Member(policy, "malwareScanning")["enabled"] = on })
		require.NoError(b, err)
	}
	scanning(false)
	b.Cleanup(func() { scanning(true) })
}

// BenchmarkSteps times people's waits, as they see them through the API: submit until in review, and approve until
// approved, with scanning off and one small file.
func BenchmarkSteps(b *testing.B) {
	unscanned(b, "genomics")
	var submit, approve samples
	for b.Loop() {
		play(b, "genomics", time.Minute, func(p *story.Play) {
			p.As(story.Researcher).Creates(story.Import).Uploads("a.csv", measurements)
			submit.time(func() { p.As(story.Researcher).Submits(); p.Eventually(story.InReview) })
			approve.time(func() { p.As(story.Manager).Approves("fine"); p.Eventually(story.Approved) })
		})
	}
	b.ReportMetric(0, "ns/op")
	for name, s := range map[string]samples{"submit to in_review": submit, "approve to approved": approve} {
		b.ReportMetric(float64(s.percentile(50).Milliseconds()), strings.ReplaceAll(name, " ", "-")+"-p50-ms")
		note("%s, scan off, p50 of %d: %v (p95 %v)", name, len(s), s.percentile(50).Round(time.Millisecond), s.percentile(95).Round(time.Millisecond))
	}
}

// BenchmarkThroughput takes requests from create to approved as fast as they go, eight at a time, scanning off.
func BenchmarkThroughput(b *testing.B) {
	unscanned(b, "genomics")
	const workers = 8
	began, n := time.Now(), 0
	for b.Loop() {
		others(b, "genomics", workers, workers)
		n += workers
	}
	rate := float64(n) / time.Since(began).Seconds()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(rate, "requests/s")
	note("throughput: %.1f requests/s from create to approved (%d requests, %d at a time, emulator, clients and handler on one machine)", rate, n, workers)
}
