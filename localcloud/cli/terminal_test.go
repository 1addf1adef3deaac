package cli_test

import (
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// terminal is a command on a terminal of its own.
type terminal struct {
	*testing.T
	main  *os.File
	cmd   *exec.Cmd
	mu    sync.Mutex
	shown strings.Builder
	ended chan struct{}
}

// onTerminal starts a command on a terminal of so many columns.
func (p person) onTerminal(columns uint16, args ...string) *terminal {
	p.Helper()
	main, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	require.NoError(p, err)
	require.NoError(p, unix.IoctlSetPointerInt(int(main.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(main.Fd()), unix.TIOCGPTN)
	require.NoError(p, err)
	side, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(p, err)
	require.NoError(p, unix.IoctlSetWinsize(int(main.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}))
	t := &terminal{T: p.T, main: main, cmd: p.command(args...), ended: make(chan struct{})}
	t.cmd.Env = append(t.cmd.Env, "TERM=xterm")
	t.cmd.Stdin, t.cmd.Stdout, t.cmd.Stderr = side, side, side
	require.NoError(p, t.cmd.Start())
	require.NoError(p, side.Close())
	go t.read()
	p.Cleanup(func() { _ = main.Close() })
	return t
}

func (t *terminal) read() {
	defer close(t.ended)
	buffer := make([]byte, 4096)
	for {
		n, err := t.main.Read(buffer)
		t.mu.Lock()
		t.shown.Write(buffer[:n])
		t.mu.Unlock()
		if err != nil { // the other side is closed
			return
		}
	}
}

func (t *terminal) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.shown.String()
}

// answers types a line when the terminal shows a question.
func (t *terminal) answers(question, line string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(t.text(), question) }, time.Minute, 20*time.Millisecond, "%s", question)
	_, err := io.WriteString(t.main, line+"\n")
	require.NoError(t, err)
}

// end waits for the end and returns the lines that were shown.
func (t *terminal) end(code int) []string {
	t.Helper()
	_ = t.cmd.Wait()
	<-t.ended
	t.Log(t.text())
	require.Equal(t, code, t.cmd.ProcessState.ExitCode())
	return strings.Split(strings.ReplaceAll(t.text(), "\r\n", "\n"), "\n")
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// A table fits a narrow terminal, and has a head on any.
func TestNarrowTerminal(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	ada.draft("import")
	for _, columns := range []uint16{100, 60} {
		lines := ada.onTerminal(columns, "list", "--no-color").end(0)
		assert.Contains(t, lines[0], "TITLE")
		assert.NotContains(t, lines[0], "\x1b")
	}
	bold := ada.onTerminal(120, "list").end(0)
	assert.Contains(t, bold[0], "\x1b[1m")
	ada.env = append(ada.env, "NO_COLOR=1")
	plain := ada.onTerminal(120, "workspace", "list").end(0)
	assert.NotContains(t, plain[0], "\x1b")
	for _, line := range ada.onTerminal(70, "workspace", "list").end(0) {
		assert.LessOrEqual(t, len([]rune(line)), 70, line)
	}
}

// Progress is one line that never wraps.
func TestProgressInNarrowTerminal(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.draft("import")
	path := ada.file("a-rather-long-name-of-a-file-that-does-not-fit.bin", string(noise(5, 40*mib)))
	const columns = 40
	whole := strings.Join(ada.onTerminal(columns, "upload", id, path, "--parallel", "1").end(0), "\n")
	redraws := 0
	for _, part := range strings.Split(whole, "\r") {
		line, _, _ := strings.Cut(escapes.ReplaceAllString(part, ""), "\n")
		if strings.Contains(line, " %") {
			redraws++
			assert.Less(t, len([]rune(line)), columns, line)
		}
	}
	t.Log("redraws:", redraws) // a fast machine may need none
	assert.Contains(t, whole, "NAME")
	assert.NotContains(t, whole, "Uploaded", "the table says it")
}

// Without a decision the request is shown and the reviewer is asked.
func TestReviewAsks(t *testing.T) {
	t.Parallel()
	ada, grace := as(t, "researcher"), as(t, "manager")
	id := ada.draft("import", ada.file("a.csv", "1"), "--submit", "--wait")
	no := grace.onTerminal(80, "review", id, "-w", "genomics")
	no.answers("[a/r/c]", "a")
	no.answers("Why?", "Fine")
	no.answers("[y/N]", "n")
	assert.Contains(t, strings.Join(no.end(1), "\n"), "nothing was done")
	grace.run("show", id).ends(0).prints("in review")

	own := ada.onTerminal(80, "review", id, "--approve", "--reason", "My own")
	assert.Contains(t, strings.Join(own.end(5), "\n"), "not for you to decide")

	yes := grace.onTerminal(80, "review", id)
	yes.answers("[a/r/c]", "r")
	yes.answers("Why?", "Not needed")
	yes.answers("[y/N]", "y")
	assert.Contains(t, strings.Join(yes.end(0), "\n"), ": 1 file, 1 B, of Ada")
	grace.run("show", id).ends(0).prints("rejected")
}

// Other people's texts cannot move the cursor or turn the direction of text.
func TestTextsOfOthersAreShownAsTheyAre(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.draft("import")
	ada.run("edit", id, "--reason", "line one\nline two").ends(0)
	lines := strings.Join(ada.onTerminal(80, "show", id).end(0), "\n")
	assert.Contains(t, lines, "line two")
}
