//go:build clients

package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// screen is a shell in tmux, as somebody sees it.
type screen struct {
	person
	server string
}

// inTmux starts a shell of so many columns, with the program on its path.
func (p person) inTmux(columns int, shell ...string) screen {
	p.Helper()
	s := screen{p, fmt.Sprintf("airlock-%d-%d", os.Getpid(), columns)}
	p.env = append(slices.Clone(p.env), "PS1=$ ", "ZDOTDIR="+p.home, "LC_ALL=C.UTF-8", "HISTFILE=/dev/null")
	for i, e := range p.env {
		if path, ok := strings.CutPrefix(e, "PATH="); ok {
			p.env[i] = "PATH=" + filepath.Dir(program) + ":" + path
		}
	}
	s.person = p
	s.tmux(append([]string{"new-session", "-d", "-x", fmt.Sprint(columns), "-y", "40"}, shell...)...)
	p.Cleanup(func() { s.tmux("kill-server") })
	return s
}

func (s screen) tmux(args ...string) string {
	s.Helper()
	cmd := exec.Command("tmux", append([]string{"-L", s.server}, args...)...) // also when the test has ended
	cmd.Env, cmd.Dir = s.env, s.home
	out, err := cmd.CombinedOutput()
	require.NoError(s, err, "%s", out)
	return string(out)
}

// types sends keys and waits until the screen shows a text.
func (s screen) types(keys, shows string) string {
	s.Helper()
	s.tmux("send-keys", keys)
	return s.waits(shows)
}

func (s screen) waits(shows string) (text string) {
	s.Helper()
	require.Eventually(s, func() bool {
		text = s.tmux("capture-pane", "-p")
		return strings.Contains(text, shows)
	}, time.Minute, 50*time.Millisecond, "%s is not shown", shows)
	return text
}

// enters sends a line and waits until the screen shows a text.
func (s screen) enters(line, shows string) string {
	s.Helper()
	s.tmux("send-keys", "-l", line)
	s.tmux("send-keys", "Enter")
	return s.waits(shows)
}

// A request is opened, sent and read in a narrow terminal, and the questions are answered there.
func TestInTmux(t *testing.T) {
	for _, columns := range []int{80, 40} {
		ada := as(t, "researcher")
		ada.file("table.csv", "n\n20\n")
		s := ada.inTmux(columns, "bash", "--norc", "--noprofile")
		s.enters("airlock new export --title 'Blood counts' table.csv", "Why does the data have to move?")
		s.enters("For the paper", "You can")
		s.enters("clear; airlock submit @last --wait; echo done=$?", "done=0")
		text := s.enters("clear; airlock show @last; echo shown=$?", "shown=0")
		for line := range strings.Lines(text) {
			assert.LessOrEqual(t, len([]rune(strings.TrimRight(line, "\n"))), columns)
		}
		assert.Regexp(t, `(?m)^ {12}\S`, text, "what does not fit goes on under the value")
		s.enters("clear; airlock list", "Blood counts")
		s.enters("clear; airlock cancel @last", "[y/N]")
		s.enters("y", "has ended")
	}
}

// zsh completes commands, flags and what there is at the airlock right now.
func TestCompletionInZsh(t *testing.T) {
	ada := as(t, "researcher")
	id := ada.draft("import")
	ada.file(".zshrc", "autoload -U compinit; compinit -u -D; source <(airlock completion zsh); PS1='$ '; setopt no_beep\n")
	s := ada.inTmux(100, "zsh")
	s.waits("$")
	s.tmux("send-keys", "-l", "airlock rece")
	s.types("Tab", "airlock receipt")
	s.tmux("send-keys", "C-u")
	s.tmux("send-keys", "-l", "airlock show "+id[:5])
	s.types("Tab", "airlock show "+id)
	s.tmux("send-keys", "C-u")
	s.tmux("send-keys", "-l", "airlock list --held-by airl")
	s.types("Tab", "--held-by airlock_manager")
	s.tmux("send-keys", "C-u")
	s.tmux("send-keys", "-l", "airlock workspace use Gen")
	s.types("Tab", "workspace use Genomics")
}

// bash completes with the package bash-completion, as on people's machines.
func TestCompletionInBash(t *testing.T) {
	ada := as(t, "researcher")
	id := ada.draft("import")
	ada.file("rc", "source /usr/share/bash-completion/bash_completion; source <(airlock completion bash); PS1='$ '\n")
	s := ada.inTmux(101, "bash", "--noprofile", "--rcfile", filepath.Join(ada.home, "rc"))
	s.waits("$")
	s.tmux("send-keys", "-l", "airlock rece")
	s.types("Tab", "airlock receipt")
	s.tmux("send-keys", "C-u")
	s.tmux("send-keys", "-l", "airlock show "+id[:5])
	s.types("Tab", "airlock show "+id)
}
