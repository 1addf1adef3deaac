//go:build clients

package clients_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

// BenchmarkUploadBesideAzCopy sends the same file to new drafts with airlock and with AzCopy in turn, through the same
// front into the same emulator. AzCopy sends it without any checksum; airlock computes a CRC64 of every block and a
// SHA-256 of the whole. AIRLOCK_BENCH_GIB sets the file's size (1).
func BenchmarkUploadBesideAzCopy(b *testing.B) {
	path, size := largeFile(b)
	program := buildAirlock(b)
	azcopy := tried[0].call(b.Context(), "upload", "", "", "").Path
	var airlock, theirs ran
	rounds := 0
	for b.Loop() {
		rounds++
		inDraft(b, func(p *story.Play) {
			token, err := shared.Token(story.Researcher, p.Workspace())
			require.NoError(b, err)
			c := exec.CommandContext(p.Context(), program, "upload", p.ID, path, "-w", p.WorkspaceID())
			c.Env = []string{"HOME=" + b.TempDir(), "AIRLOCK_URL=" + shared.API, "AIRLOCK_TOKEN=" + token}
			airlock.add(p, c)
		})
		inDraft(b, func(p *story.Play) {
			c := exec.CommandContext(p.Context(), azcopy, "copy", path, link(p, story.Researcher), "--from-to=LocalBlob", "--log-level=NONE")
			dir := b.TempDir()
			c.Env = append(os.Environ(), "AZCOPY_LOG_LOCATION="+dir, "AZCOPY_JOB_PLAN_LOCATION="+dir)
			theirs.add(p, c)
		})
		b.Logf("round %d: airlock %v, AzCopy %v so far", rounds, airlock.took.Round(time.Second/10), theirs.took.Round(time.Second/10))
	}
	b.ReportMetric(0, "ns/op")
	mb := float64(size) * float64(rounds) / 1e6
	b.ReportMetric(mb/airlock.took.Seconds(), "airlock-MB/s")
	b.ReportMetric(mb/theirs.took.Seconds(), "AzCopy-MB/s")
	b.ReportMetric(theirs.took.Seconds()/airlock.took.Seconds(), "ratio")
	b.ReportMetric(float64(airlock.peak)/1024, "airlock-MiB-peak")
	b.ReportMetric(float64(theirs.peak)/1024, "AzCopy-MiB-peak")
	require.Less(b, airlock.peak, 64<<10, "KiB: memory grows with the file")
}

func largeFile(b *testing.B) (path string, size int64) {
	gib := 1
	if text := os.Getenv("AIRLOCK_BENCH_GIB"); text != "" {
		var err error
		gib, err = strconv.Atoi(text)
		require.NoError(b, err)
	}
	size = int64(gib) << 30
	path = filepath.Join(b.TempDir(), "large.bin")
	file, err := os.Create(path)
	require.NoError(b, err)
	_, err = io.Copy(file, story.Noise("large.bin", size, 1).Open())
	require.NoError(b, err)
	require.NoError(b, file.Close())
	return path, size
}

func buildAirlock(b *testing.B) string {
	root, err := storytest.Repository()
	require.NoError(b, err)
	program := filepath.Join(b.TempDir(), "airlock")
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-o", program, "./client/airlock")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(b, err, "%s", out)
	return program
}

// inDraft does something with a new draft, which is cancelled afterwards so that its bytes make room.
func inDraft(b *testing.B, do func(p *story.Play)) {
	err := shared.Run(b.Context(), story.Story{Name: b.Name(), Play: func(p *story.Play) {
		p.As(story.Researcher).Creates(story.Import)
		do(p)
		p.As(story.Researcher).Cancels()
	}}, story.Options{Within: time.Hour})
	require.NoError(b, err)
}

// ran adds up how long runs of a program took, and keeps the most memory that one had, in KiB.
type ran struct {
	took time.Duration
	peak int
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

func (r *ran) add(p *story.Play, c *exec.Cmd) {
	said, err := os.CreateTemp("", "airlock-bench-")
	p.Holds(err == nil, "%v", err)
	defer os.Remove(said.Name())
	c.Stdout, c.Stderr = said, said
	started := time.Now()
	p.Holds(c.Start() == nil, "%s does not start", c.Path)
	running, ended := context.WithCancel(p.Context())
	peak := make(chan int)
	go func() { peak <- mostResident(running, c.Process.Pid) }()
	err = c.Wait()
	r.took += time.Since(started)
	ended()
	r.peak = max(r.peak, <-peak)
	text, _ := os.ReadFile(said.Name())
	p.Holds(err == nil, "%s: %v\n%s", c.Path, err, text)
}

// mostResident watches the most memory that a process has had, in KiB. The peak of rusage has the parent's
// memory in it: exec keeps the peak.
func mostResident(running context.Context, pid int) (peak int) {
	for running.Err() == nil {
		status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
		if m := highWater.FindSubmatch(status); err == nil && m != nil {
			kib, _ := strconv.Atoi(string(m[1]))
			peak = max(peak, kib)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return peak
}
