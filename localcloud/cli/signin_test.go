package cli_test

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inEntra is a newcomer whose programs find the local Entra under its real name.
func inEntra(t *testing.T) person {
	t.Helper()
	p := newcomer(t)
	p.env = append(p.env, "HTTPS_PROXY="+shared.Proxy, "SSL_CERT_FILE="+shared.CAFile)
	return p
}

// works demands that somebody who signed in as researcher can work, without being asked again.
func (p person) works() {
	p.Helper()
	p.run("whoami").ends(0).prints("Ada Researcher").prints("WorkspaceResearcher")
	id := p.draft("import") // with a token of the workspace, from the refresh token
	p.run("list").ends(0).prints(id)
	info, err := os.Stat(filepath.Join(p.home, "state", "airlock", "tokens.bin"))
	require.NoError(p, err)
	assert.Equal(p, os.FileMode(0o600), info.Mode().Perm())
	p.run("logout").ends(0)
	assert.NotRegexp(p, secret, p.read("state/airlock/tokens.bin"))
	p.run("list").ends(4)
}

// signedInByCode is somebody who signed in as researcher with a code that was shown, and typed elsewhere.
func signedInByCode(t *testing.T) person {
	t.Helper()
	p := inEntra(t)
	p.byCode(t, 0, "debug: POST https://login.microsoftonline.com")
	return p
}

func (p person) byCode(t *testing.T, code int, says string) {
	t.Helper()
	cmd := p.command("login", shared.API, "-w", "genomics", "--device-code", "--debug")
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewReader(stderr)
	var told []string
	for told == nil { // behind the output of --debug
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		told = regexp.MustCompile(`Open (\S+) in a browser and type the code (\S+)`).FindStringSubmatch(line)
	}
	resp, err := http.PostForm(told[1], url.Values{"user_code": {told[2]}, "persona": {"researcher"}})
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	rest, _ := lines.ReadString(0)
	_ = cmd.Wait()
	require.Equal(t, code, cmd.ProcessState.ExitCode(), rest)
	assert.Contains(t, rest, says)
	assert.NotRegexp(t, secret, rest)
}

func TestDeviceCode(t *testing.T) {
	t.Parallel()
	signedInByCode(t).works()
}

// browse is the argument that makes the test binary a browser in which somebody clicks on Ada at once.
const browse = "browse"

var formField = regexp.MustCompile(`(?:action|name|value)="([^"]*)"`)

// click opens the sign-in page, chooses who to be, and sends the form that leads back.
func click(page string) error {
	resp, err := http.Get(page + "&persona=researcher") //nolint:noctx // the process ends with it
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	_, form, _ := strings.Cut(string(text), "<form")
	found := formField.FindAllStringSubmatch(form, -1) // action, then name and value in turn
	if len(found) < 3 {
		return fmt.Errorf("no form: %s", text)
	}
	values := url.Values{}
	for i := 1; i+1 < len(found); i += 2 {
		values.Set(html.UnescapeString(found[i][1]), html.UnescapeString(found[i+1][1]))
	}
	back, err := http.PostForm(html.UnescapeString(found[0][1]), values) //nolint:noctx // as above
	if err != nil {
		return err
	}
	return back.Body.Close()
}

// A browser opens, and comes back to the program.
func TestBrowser(t *testing.T) {
	t.Parallel()
	p := inEntra(t)
	self, err := os.Executable()
	require.NoError(t, err)
	opener := p.file("bin/xdg-open", "#!/bin/sh\nexec '"+self+"' "+browse+" \"$1\"\n")
	require.NoError(t, os.Chmod(opener, 0o700))
	for i, e := range p.env {
		if path, ok := strings.CutPrefix(e, "PATH="); ok {
			p.env[i] = "PATH=" + filepath.Dir(opener) + string(os.PathListSeparator) + path
		}
	}
	p.env = append(p.env, "DISPLAY=:0")
	login := p.run("login", shared.API, "-w", "genomics", "--debug").ends(0).says("in the browser").says("debug: POST")
	assert.NotRegexp(t, secret, login.stderr)
	p.works()
}

// There are several airlocks and sign-ins; each command can take another.
func TestContexts(t *testing.T) {
	t.Parallel()
	p := as(t, "researcher")
	p.run("login", shared.API, "--name", "boss", "-w", "Imaging", "--token-command", p.tokenCommand("manager")).ends(0).prints("Grace Manager").prints("Imaging")
	p.run("context", "list").ends(0).prints("*\tboss")
	p.run("whoami", "--context", "local").ends(0).prints("Ada Researcher")
	p.run("context", "use", "local").ends(0)
	p.run("workspace", "use", "genom").ends(0).says("Genomics")
	p.run("context", "set", "night", "--url", "https://airlock.example.org/api", "--auth", "managed-identity").ends(0)
	p.run("context", "set", "night", "--auth", "password").ends(2)
	p.run("context", "rm", "night").ends(0)
	p.run("context", "rm", "night").ends(6)
	p.run("logout").ends(0)
	p.run("list").ends(4).says("airlock login URL")
}
