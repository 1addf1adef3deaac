//go:build corpus

package inspect_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSecretsReport measures the rules about secrets: on made ones, by the grammars that gitleaks publishes, among texts
// that look like some; and on the source of public packages, where gitleaks' grammars give a second opinion.
func TestSecretsReport(t *testing.T) {
	halves := [2]scores{{}, {}}
	for _, l := range made(t, "tokens") {
		half := halfOf(l.Content)
		halves[half].compare(l, report(t, l.File, []byte(l.Content)), func(rule string, found bool) {
			if half == 0 && os.Getenv("TELL") != "" {
				fmt.Printf("%s, %s, found %v: %.300q\n", l.Group, rule, found, l.Content)
			}
		})
	}
	for half, of := range []string{"tuning", "hold-out"} {
		fmt.Printf("secrets, %s\n%s", of, halves[half])
	}
	secretsInSource(t)
}

// secretsInSource counts findings of secrets in the source of packages.
func secretsInSource(t *testing.T) {
	var rules map[string]string
	b, err := os.ReadFile(filepath.Join(corpus, "made", "gitleaks.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &rules))
	grammars := map[string]*regexp.Regexp{}
	for id, text := range rules {
		grammars[id] = regexp.MustCompile(text)
	}
	list, err := os.ReadFile(filepath.Join(corpus, "source.txt"))
	require.NoError(t, err)
	files, bytes := 0, 0
	s := scores{}
	for folder := range strings.FieldsSeq(string(list)) {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil || len(content) > 1<<20 {
				return err
			}
			files, bytes = files+1, bytes+len(content)
			for rule := range surelyFound(report(t, filepath.Base(path), content)) {
				if !strings.HasPrefix(rule, "secret.") {
					continue
				}
				if second(grammars, content) {
					s.of(rule).right++
				} else {
					s.of(rule).wrong++
					fmt.Println("  nobody else finds", rule, "in", path)
				}
			}
			return nil
		})
		require.NoError(t, err)
	}
	fmt.Printf("secrets in the source of %d modules of Go and the packages of Python: %d files, %d MB\n%s", strings.Count(string(list), "\n")-1, files, bytes>>20, s)
}

// second reports whether another opinion finds a secret in a file: a grammar of gitleaks', or a part that decodes
// to what signed tokens, keys of storage accounts and signatures of links are.
func second(grammars map[string]*regexp.Regexp, content []byte) bool {
	for _, g := range grammars {
		if g.Match(content) {
			return true
		}
	}
	for _, m := range regexp.MustCompile(`(ey[\w-]+)\.[\w-]+\.[\w-]{20}`).FindAllSubmatch(content, -1) {
		header, err := base64.RawURLEncoding.DecodeString(string(m[1]))
		if err == nil && json.Valid(header) && strings.Contains(string(header), `"alg"`) {
			return true
		}
	}
	for _, m := range regexp.MustCompile(`(?:sig=|Key=)([\w%+/=]{40,})`).FindAllSubmatch(content, -1) {
		text, err := url.PathUnescape(string(m[1]))
		b, notBase64 := base64.StdEncoding.DecodeString(text)
		if err == nil && notBase64 == nil && (len(b) == 32 || len(b) == 64) {
			return true
		}
	}
	return false
}
