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

	"example.org/airlock/localcloud/story/storytest"
)

const mib = 1 << 20

// handlerPID is the handler's process.
func handlerPID(t testing.TB) string {
	t.Helper()
	pids, err := shared.Handlers()
	require.NoError(t, err)
	require.NotEmpty(t, pids)
	return strconv.Itoa(pids[0])
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

// BenchmarkStart times the handler's binary from its start to its first answer, and on to the first answer of the API
// that takes storage calls: what a start leaves for later is paid there. It shows the memory and the processor time that
// both have taken then. Its environment is that of the running one; it needs nobody to start.
func BenchmarkStart(b *testing.B) {
	environ, err := os.ReadFile(filepath.Join("/proc", handlerPID(b), "environ"))
	require.NoError(b, err, "on %s: this benchmark reads /proc", runtime.GOOS)
	root, err := storytest.Root()
	require.NoError(b, err)
	var ready, answered, worked samples
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
		answered.time(func() {
			ready.time(func() {
				require.NoError(b, handler.Start())
				require.True(b, answers(b.Context(), "http://127.0.0.1:"+port+"/", 10*time.Second), "the handler does not answer")
			})
			now, err := resident(strconv.Itoa(handler.Process.Pid))
			require.NoError(b, err)
			memory = append(memory, now)
			require.True(b, answers(b.Context(), "http://127.0.0.1:"+port+"/api/health", 10*time.Second), "the API does not answer")
		})
		require.NoError(b, handler.Process.Kill())
		_ = handler.Wait() // killed
		worked = append(worked, handler.ProcessState.UserTime()+handler.ProcessState.SystemTime())
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(milliseconds(ready), "p50-ms")
	b.ReportMetric(milliseconds(answered), "health-p50-ms")
	b.ReportMetric(milliseconds(worked), "cpu-p50-ms")
	b.ReportMetric(float64(memory[len(memory)/2])/mib, "MiB")
	note("start to ready, p50 of %d: %.1f ms; resident then: %.1f MiB; start to the first answer of GetHealth: %.1f ms, and %.1f ms of a processor",
		len(ready), milliseconds(ready), float64(memory[len(memory)/2])/mib, milliseconds(answered), milliseconds(worked))
}

// milliseconds is the median.
func milliseconds(s samples) float64 { return float64(s.percentile(50).Microseconds()) / 1000 }

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
