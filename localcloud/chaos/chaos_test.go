package chaos_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/chaos"
	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/story/storytest"
)

func TestMain(m *testing.M) {
	storytest.SideBySide(2)
	code := m.Run()
	_ = storytest.Remove()
	os.Exit(code)
}

// seed makes the short form the same every time; `make chaos` takes another one on each run.
const seed = 20

// options are those of the short form; kept says that the clouds' files stay when something was found.
func options(t *testing.T) chaos.Options {
	t.Helper()
	root, err := storytest.Root()
	require.NoError(t, err)
	repository, err := storytest.Repository()
	require.NoError(t, err)
	dir, err := os.MkdirTemp("", "airlock-chaos-")
	require.NoError(t, err)
	t.Cleanup(func() {
		logs, err := filepath.Glob(filepath.Join(dir, "*", "logs"))
		assert.NoError(t, err)
		assert.NotEmpty(t, logs)
		for _, of := range logs {
			assert.NoError(t, storytest.Raced(filepath.Dir(of)))
		}
		if t.Failed() {
			t.Log("files and logs of the local clouds are left in", dir)
			return
		}
		_ = os.RemoveAll(dir)
	})
	return chaos.Options{Seed: seed, Crash: "none", Lanes: 2, Dir: dir, Progress: t.Output(),
		Cloud: cloud.Options{Root: root, Install: filepath.Join(repository, "build", "azurite")}}
}

func run(t *testing.T, o chaos.Options) {
	t.Helper()
	results, err := chaos.Run(t.Context(), o)
	require.NoError(t, err)
	var report strings.Builder
	clean := chaos.Report(&report, results, func(chaos.Finding) string { return "" })
	t.Log(report.String())
	require.True(t, clean, "chaos found something")
}

func TestEveryAttackIsFoundOut(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Tamper, o.Verifier = true, verifier(t, o.Dir)
	run(t, o)
}

func TestInsidersReleaseNothingAndLoseNothing(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Insiders, o.Verifier = 10, verifier(t, o.Dir)
	run(t, o)
}

// verifier builds airlock-verify.
func verifier(t *testing.T, dir string) (program string) {
	t.Helper()
	program = filepath.Join(dir, "airlock-verify")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "example.org/airlock/handler/airlock-verify").CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}

func TestNothingIsLostInAStorm(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Storm, o.Requests = true, 30
	run(t, o)
}

func TestNothingIsLostInACrash(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Crash, o.Sample = "sample", 1
	run(t, o)
}

func TestHostileFilesEndInReview(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Bombs = "few"
	run(t, o)
}

func TestEverythingEndsWithEventGridDown(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Dark = true
	run(t, o)
}

// An inquest that finds nothing proves nothing unless it would have found something.
func TestTheInquestNotices(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c, stop, err := storytest.Start(ctx, func(o *cloud.Options) { o.Settings = chaos.Hasty() })
	require.NoError(t, err)
	defer func() { require.NoError(t, stop(t.Failed())) }()
	require.NoError(t, chaos.Prepare(ctx, c))
	for name, one := range wrongs {
		t.Run(name, func(t *testing.T) {
			subject, err := chaos.Subject(ctx, c)
			require.NoError(t, err)
			found, err := chaos.Inquest(ctx, c, []chaos.Case{subject}, 10*time.Second)
			require.NoError(t, err)
			require.Empty(t, found, "before anything was done")
			undo := one.do(ctx, t, c, &subject)
			found, err = chaos.Inquest(ctx, c, []chaos.Case{subject}, time.Second)
			require.NoError(t, err)
			if undo != nil {
				undo()
			}
			var all []string
			for _, f := range found {
				all = append(all, f.What)
			}
			require.Contains(t, strings.Join(all, "\n"), one.says)
		})
	}
}
