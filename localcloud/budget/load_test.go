package budget

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// burst is how many events come at once.
const burst = 400

// BenchmarkBurst delivers events about blobs that are no request's, all at once and as the host does, and shows the
// handler's memory before, at most, and when it has been quiet for up to half a minute.
func BenchmarkBurst(b *testing.B) {
	pid := handlerPID(b)
	address := "http://127.0.0.1:" + setting(b, pid, "FUNCTIONS_CUSTOMHANDLER_PORT") + "/OnBlobCreated"
	client := &http.Client{Transport: &http.Transport{Proxy: nil, MaxIdleConnsPerHost: burst}}
	defer client.CloseIdleConnections()
	others(b, "genomics", 1, 1) // a program that has just started has most of itself to load
	for range 20 {
		deliverAtOnce(b, client, address, 1)
	}
	before, mostSince := watched(b, pid)
	var took samples
	for b.Loop() {
		took.time(func() { deliverAtOnce(b, client, address, burst) })
	}
	peak := mostSince()
	client.CloseIdleConnections()
	after := before
	for range 30 { // the handler gives memory back when a burst is over
		time.Sleep(time.Second)
		now, err := resident(pid)
		require.NoError(b, err)
		if after = now; after <= before {
			break
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(before)/mib, "MiB-before")
	b.ReportMetric(float64(peak)/mib, "MiB-peak")
	b.ReportMetric(float64(after)/mib, "MiB-after")
	note("a burst of %d foreign events, %d times: p50 %v; the handler's resident memory was %.1f MiB before, %.1f MiB at most, %.1f MiB when it had been quiet for up to half a minute",
		burst, len(took), took.percentile(50).Round(time.Millisecond), float64(before)/mib, float64(peak)/mib, float64(after)/mib)
}

func deliverAtOnce(t testing.TB, client *http.Client, address string, n int) {
	var all sync.WaitGroup
	faults := make(chan error, n)
	for range n {
		all.Go(func() {
			body := fmt.Sprintf(`{"Data":{"event":{"id":%q,"eventType":"Microsoft.Storage.BlobCreated","data":{"url":"https://stalimiplocal.blob.core.windows.net/%s/a.csv"}}},"Metadata":{}}`,
				uuid.NewString(), uuid.NewString())
			resp, err := client.Post(address, "application/json", strings.NewReader(body)) //nolint:noctx // the client goes with the test
			if err == nil {
				resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					err = fmt.Errorf("the handler answers %s", resp.Status)
				}
			}
			faults <- err
		})
	}
	all.Wait()
	close(faults)
	for err := range faults {
		require.NoError(t, err)
	}
}

// setting is a setting that a process was started with.
func setting(t testing.TB, pid, name string) string {
	t.Helper()
	environ, err := os.ReadFile(filepath.Join("/proc", pid, "environ"))
	require.NoError(t, err)
	for one := range bytes.SplitSeq(environ, []byte{0}) {
		if value, ok := bytes.CutPrefix(one, []byte(name+"=")); ok {
			return string(value)
		}
	}
	require.Fail(t, "the process has no "+name)
	return ""
}

// BenchmarkManyLives takes a hundred requests from create to approved, all of them at once, with scanning off.
func BenchmarkManyLives(b *testing.B) {
	const workspace, lives = "genomics", 100
	unscanned(b, workspace)
	pid := handlerPID(b)
	before, mostSince := watched(b, pid)
	var took samples
	for b.Loop() {
		took.time(func() { others(b, workspace, lives, lives) })
	}
	peak := mostSince()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(lives/took.percentile(50).Seconds(), "requests/s")
	b.ReportMetric(float64(peak)/mib, "MiB-peak")
	note("%d lives at once from create to approved, scan off, p50 of %d: %v, %.1f requests/s; the handler's resident memory was %.1f MiB before and %.1f MiB at most",
		lives, len(took), took.percentile(50).Round(time.Second/10), lives/took.percentile(50).Seconds(), float64(before)/mib, float64(peak)/mib)
}
