package budget

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

const mib = 1 << 20

// handlerPID is the handler's process.
func handlerPID(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(shared.HandlerPID)
	require.NoError(t, err)
	first, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return first
}

// resident is how much memory a process has in RAM now, in bytes.
func resident(pid string) (int64, error) {
	text, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			kib, err := strconv.ParseInt(fields[1], 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("process %s has no memory", pid)
}

// BenchmarkStart times the handler's binary from its start to its first answer, and shows the memory it has then. Its
// environment is that of the running one; it needs nobody to start.
func BenchmarkStart(b *testing.B) {
	environ, err := os.ReadFile(filepath.Join("/proc", handlerPID(b), "environ"))
	require.NoError(b, err, "on %s: this benchmark reads /proc", runtime.GOOS)
	root, err := storytest.Root()
	require.NoError(b, err)
	var times samples
	var memory []int64
	for b.Loop() {
		port := freePort(b)
		handler := exec.CommandContext(b.Context(), filepath.Join(root, "build", "handler"))
		for setting := range bytes.SplitSeq(bytes.TrimRight(environ, "\x00"), []byte{0}) {
			if !bytes.HasPrefix(setting, []byte("FUNCTIONS_CUSTOMHANDLER_PORT=")) {
				handler.Env = append(handler.Env, string(setting))
			}
		}
		handler.Env = append(handler.Env, "FUNCTIONS_CUSTOMHANDLER_PORT="+port)
		times.time(func() {
			require.NoError(b, handler.Start())
			require.True(b, answers(b.Context(), "http://127.0.0.1:"+port+"/", 10*time.Second), "the handler does not answer")
		})
		now, err := resident(strconv.Itoa(handler.Process.Pid))
		require.NoError(b, err)
		memory = append(memory, now)
		require.NoError(b, handler.Process.Kill())
		_ = handler.Wait() // killed
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(times.percentile(50).Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(memory[len(memory)/2])/mib, "MiB")
	note("start to ready, p50 of %d: %v; resident then: %.1f MiB", len(times), times.percentile(50).Round(time.Millisecond), float64(memory[len(memory)/2])/mib)
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}

func answers(ctx context.Context, address string, within time.Duration) bool {
	for until := time.Now().Add(within); time.Now().Before(until); time.Sleep(time.Millisecond) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return false
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			return true
		}
	}
	return false
}

// growthLimit is far above what was seen and far below any file's size.
const growthLimit = 80 * mib

// BenchmarkALargeFile takes a file of 1 GiB, or of AIRLOCK_BENCH_GIB, from draft to approved and watches the handler's
// memory. The bytes are one pattern over and over: they cost nothing to make, and pass every step as any others do.
func BenchmarkALargeFile(b *testing.B) {
	gib := 1
	if text := os.Getenv("AIRLOCK_BENCH_GIB"); text != "" {
		var err error
		gib, err = strconv.Atoi(text)
		require.NoError(b, err)
	}
	pid := handlerPID(b)
	before, err := resident(pid)
	require.NoError(b, err)
	ctx, stop := context.WithCancel(b.Context())
	peaks := make(chan int64)
	go func() { peaks <- watch(ctx, pid) }()
	go everySoOften(ctx)
	began := time.Now()
	play(b, "genomics", time.Hour, func(p *story.Play) {
		p.As(story.Researcher).Creates(story.Import).UploadsFiles(patterned("large.bin", int64(gib)<<30)).Submits()
		p.Eventually(story.InReview)
		p.As(story.Manager).Approves("large")
		r := p.Eventually(story.Approved)
		p.Holds(len(r.Files) == 1 && int64(r.Files[0].Size) == int64(gib)<<30, "the files are %v", r.Files)
	})
	took := time.Since(began)
	stop()
	peak := <-peaks
	require.Less(b, peak-before, int64(growthLimit), "memory grows with the file")
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(took.Seconds(), "s")
	b.ReportMetric(float64(before)/mib, "MiB-before")
	b.ReportMetric(float64(peak)/mib, "MiB-peak")
	note("a file of %d GiB from draft to approved in %v: the handler's resident memory was %.1f MiB before, %.1f MiB at most",
		gib, took.Round(time.Second), float64(before)/mib, float64(peak)/mib)
}

// everySoOften does the timer's work, which stands still here: reading a very large file for its hash is done in several
// goes, and the reconciler begins the next one.
func everySoOften(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			// An error shows in what does not go on.
			_, _ = shared.Call(ctx, story.Admin, "", http.MethodPost, "/operations/reconcile", nil, nil)
		}
	}
}

// watch returns the most memory a process had until ctx ended.
func watch(ctx context.Context, pid string) (peak int64) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return peak
		case <-tick.C:
			if now, err := resident(pid); err == nil {
				peak = max(peak, now)
			}
		}
	}
}
