package cli_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bashCompletes asks a real bash for its offers behind words. The functions of the package bash-completion are done
// here by hand, so that it need not be there.
const bashCompletes = `
_get_comp_words_by_ref() { words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=${COMP_WORDS[$COMP_CWORD]}; prev=${COMP_WORDS[$COMP_CWORD-1]}; }
compopt() { :; } # works while bash itself completes, only
source <("$PROGRAM" completion bash)
airlock() { "$PROGRAM" "$@"; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9
__start_airlock
printf '%s\n' "${COMPREPLY[@]}"
`

func (p person) completes(words ...string) string {
	p.Helper()
	bash := exec.CommandContext(p.Context(), "bash", append([]string{"--norc", "-c", bashCompletes, "bash"}, words...)...)
	bash.Env, bash.Dir = slices.Concat(p.env, []string{"PROGRAM=" + program}), p.home
	out, err := bash.CombinedOutput()
	require.NoError(p, err, "%s", out)
	return string(out)
}

// Completion knows commands, flags, and what there is at the airlock right now.
func TestCompletion(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.draft("import")
	assert.Contains(t, ada.completes("airlock", "rec"), "receipt")
	assert.Contains(t, ada.completes("airlock", "show", ""), id)
	assert.Contains(t, ada.completes("airlock", "show", "@"), "@last")
	assert.Contains(t, ada.completes("airlock", "list", "--status", "in_"), "in_review")
	assert.Contains(t, ada.completes("airlock", "workspace", "use", "Gen"), "Genomics")
	assert.Contains(t, ada.completes("airlock", "list", "--context", ""), "local")
	assert.Contains(t, ada.completes("airlock", "new", ""), "export")
	assert.Empty(t, strings.TrimSpace(newcomer(t).completes("airlock", "show", "0")), "nothing to offer, and no error on the screen")
	for _, shell := range []string{"zsh", "fish", "powershell"} {
		assert.Contains(t, ada.run("completion", shell).ends(0).stdout, "__complete")
	}
}
