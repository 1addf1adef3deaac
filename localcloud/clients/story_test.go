//go:build clients

package clients_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "example.org/airlock/localcloud/story"
)

// The service's answers to a link that is not, or no longer, good for a call.
const (
	notWithThisLink = "AuthorizationPermissionMismatch"
	gone            = "ContainerNotFound"
)

// fileName has the characters that clients like to get wrong.
const fileName = "Messung 1 + Ünïcode 測定 #2.csv"

// TestLinks takes a file through the airlock in both directions with every client, and uses each link for more than it
// is good for.
func TestLinks(t *testing.T) {
	for _, c := range tried {
		for _, direction := range []string{Import, Export} {
			t.Run(c.name+" "+direction, func(t *testing.T) {
				through(t, c, direction)
			})
		}
	}
}

// TestLargeFile takes a file through that is larger than one copy call allows.
func TestLargeFile(t *testing.T) {
	dir, c := t.TempDir(), tried[0]
	path, sum := writeFile(t, filepath.Join(dir, fileName), Noise(fileName, 300<<20, 2))
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Import)
		does(p, c, link(p, Researcher), "upload", fileName, path)
		p.As(Researcher).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("looks fine")
		p.Eventually(Approved)
		p.Holds(downloads(p, c, link(p, Researcher), filepath.Join(dir, "approved")) == sum, "other bytes came out than went in")
	})
}

func through(t *testing.T, c client, direction string) {
	dir := t.TempDir()
	path, sum := writeFile(t, filepath.Join(dir, fileName), Noise(fileName, 9<<20, 1))
	play(t, func(p *Play) {
		p.As(Researcher).Creates(direction)
		draft := link(p, Researcher)
		does(p, c, draft, "upload", fileName, path)
		p.Holds(lists(p, c, draft) == fileName, "the draft holds %q", lists(p, c, draft))
		does(p, c, draft, "delete", fileName, "")
		p.Holds(lists(p, c, draft) == "", "the draft holds %q", lists(p, c, draft))
		does(p, c, draft, "upload", fileName, path)
		does(p, c, draft, "upload", fileName, path) // over it
		p.As(Researcher).Submits()
		p.Eventually(InReview)

		review := link(p, Manager)
		p.Holds(downloads(p, c, review, filepath.Join(dir, "reviewed")) == sum, "the reviewer sees other bytes")
		isRefused(p, c, review, "upload", fileName, path, notWithThisLink)
		isRefused(p, c, review, "delete", fileName, "", notWithThisLink)
		isRefused(p, c, draft, "list", "", "", gone)

		p.As(Manager).Approves("looks fine")
		p.Eventually(Approved)
		final := link(p, Researcher)
		p.Holds(lists(p, c, final) == fileName, "the end holds %q", lists(p, c, final))
		p.Holds(downloads(p, c, final, filepath.Join(dir, "approved")) == sum, "other bytes came out than went in")
		isRefused(p, c, final, "upload", fileName, path, notWithThisLink)
		isRefused(p, c, final, "delete", fileName, "", notWithThisLink)
		isGone(p, c, review)

		p.As(Manager).Revokes("on second thoughts")
		isGone(p, c, final)
		p.TrailVerifies()
	})
}

// play plays a story; its course is in the test's log.
func play(t *testing.T, s func(p *Play)) {
	err := shared.Run(t.Context(), Story{Name: t.Name(), Play: s}, Options{Within: 2 * time.Minute, Tell: func(l Line) {
		t.Logf("%+6.2fs  %s: %s", l.At.Seconds(), l.Who, l.What)
	}})
	require.NoError(t, err)
}

// link is a persona's link of now.
func link(p *Play, persona string) string {
	answer := p.As(persona).Ask(http.MethodGet, "/workspaces/"+p.WorkspaceID()+"/requests/"+p.ID+"/link", nil, nil)
	var body struct{ ContainerURL string }
	p.Holds(answer.Status == http.StatusOK && answer.Into(&body) == nil, "no link for %s: %s", persona, answer)
	return body.ContainerURL
}

func does(p *Play, c client, link, verb, name, path string) string {
	out, err := c.call(p.Context(), verb, link, name, path).CombinedOutput()
	p.Holds(err == nil, "%s %s: %v\n%s", c.name, verb, err, out)
	return string(out)
}

func isRefused(p *Play, c client, link, verb, name, path, code string) {
	out, err := c.call(p.Context(), verb, link, name, path).CombinedOutput()
	p.Holds(err != nil && strings.Contains(string(out), code), "%s %s should end with %s: %v\n%s", c.name, verb, code, err, out)
}

// isGone waits until a link finds nothing any more: containers are deleted right after the decision, not with it.
func isGone(p *Play, c client, link string) {
	p.Until(func() string {
		out, err := c.call(p.Context(), "list", link, "", "").CombinedOutput()
		if err != nil && strings.Contains(string(out), gone) {
			return ""
		}
		return "the end of a container: " + string(out)
	})
}

func lists(p *Play, c client, link string) string {
	return strings.Join(c.names(does(p, c, link, "list", "", "")), ", ")
}

// downloads returns the hash of what came.
func downloads(p *Play, c client, link, path string) string {
	does(p, c, link, "download", fileName, path)
	file, err := os.Open(path)
	p.Holds(err == nil, "%v", err)
	defer file.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	p.Holds(err == nil, "%v", err)
	return hex.EncodeToString(hash.Sum(nil))
}

func writeFile(t *testing.T, path string, content File) (written, sum string) {
	file, err := os.Create(path)
	require.NoError(t, err)
	_, err = io.Copy(file, content.Open())
	require.NoError(t, err)
	require.NoError(t, file.Close())
	return path, content.SHA256()
}

func pathEscape(name string) string { return (&url.URL{Path: name}).EscapedPath() }
