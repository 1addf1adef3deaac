package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
	"example.org/airlock/handler/inspect/sandbox"
)

var childDir string

func TestMain(m *testing.M) {
	code := func() int {
		var err error
		if childDir, err = os.MkdirTemp("", "airlock-child"); err != nil {
			panic(err)
		}
		defer os.RemoveAll(childDir)
		// Built without the race detector, whose shadow memory does not fit into a
		// child's limit.
		if out, err := exec.Command("go", "build", "-o", filepath.Join(childDir, "child"), "./testdata/child").CombinedOutput(); err != nil {
			panic(string(out))
		}
		return m.Run()
	}()
	os.Exit(code)
}

// child is the child program under a name that tells it what to do wrong.
func child(t *testing.T, name string) sandbox.Runner {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.Link(filepath.Join(childDir, "child"), path))
	return sandbox.Runner{Program: path}
}

func file(name string) sandbox.File {
	return sandbox.File{Name: name, Limits: inspect.DefaultLimits()}
}

func TestAChildInspects(t *testing.T) {
	content := []byte("PK\x03\x04 this is no zip")
	o, err := child(t, "good").Step(t.Context(), file("a.zip"), nil, bytes.NewReader(content), time.Minute)
	require.NoError(t, err)
	require.True(t, o.Done)
	here := inspect.NewFile("a.zip", int64(len(content)), inspect.DefaultLimits())
	_, err = here.Step(bytes.NewReader(content), func() bool { return false })
	require.NoError(t, err)
	require.Equal(t, here.Report(), o.Report)
	require.NotEmpty(t, o.Report.Findings)
}

func TestAStepGoesOnWhereTheFormerEnded(t *testing.T) {
	content := bytes.NewReader([]byte(strings.Repeat("a line of text\n", 1_000_000)))
	runner := child(t, "good")
	o, err := runner.Step(t.Context(), file("a.txt"), nil, content, time.Nanosecond)
	require.NoError(t, err)
	require.False(t, o.Done)
	require.NotContains(t, string(o.Kept), "line of text")
	o, err = runner.Step(t.Context(), file("a.txt"), o.Kept, content, time.Minute)
	require.NoError(t, err)
	require.True(t, o.Done)
	require.Empty(t, o.Report.Findings)
}

// The scanners take no more memory than they should, so the faults are made by
// hand: a child that allocates for ever, one that computes for ever, and so on.
func TestAParentOutlivesItsChild(t *testing.T) {
	sandbox.Grace(2 * time.Second)
	for _, fault := range []string{"bomb", "spinner", "rubbish", "silent", "greedy", "liar"} {
		_, err := child(t, fault).Step(t.Context(), file("a.txt"), nil, bytes.NewReader([]byte("text")), time.Second)
		require.ErrorIs(t, err, sandbox.ErrDied, fault)
		require.NotContains(t, err.Error(), "example.org", "nothing of what the child says")
	}
}

func TestAFileThatKillsItsChildrenIsGivenUp(t *testing.T) {
	r := sandbox.GiveUp(file("a.txt"), nil, 4)
	require.Len(t, r.Findings, 1)
	require.Equal(t, "uncheckable.corrupt", r.Findings[0].Rule)
}

// failing is a Source that cannot be read.
type failing struct{ *bytes.Reader }

var errAway = errors.New("the storage is away")

func (failing) ReadAt([]byte, int64) (int, error) { return 0, errAway }

func TestWhatFailsOutsideIsToldFromAChildThatDies(t *testing.T) {
	src := bytes.NewReader([]byte("text"))
	_, err := child(t, "good").Step(t.Context(), file("a.txt"), nil, failing{src}, time.Minute)
	require.ErrorIs(t, err, errAway)
	require.NotErrorIs(t, err, sandbox.ErrDied)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = child(t, "spinner").Step(ctx, file("a.txt"), nil, src, time.Minute)
	require.ErrorIs(t, err, context.Canceled)
	_, err = sandbox.Runner{Program: "/nowhere"}.Step(t.Context(), file("a.txt"), nil, src, time.Minute)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NotErrorIs(t, err, sandbox.ErrDied)
	o, err := child(t, "good").Step(t.Context(), file("a.txt"), []byte(`"not a state"`), src, time.Minute)
	require.NoError(t, err)
	require.True(t, o.Done, "without its state, a file is begun again")
}
