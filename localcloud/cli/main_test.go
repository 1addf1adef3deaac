package cli_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/identity"
	"example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

// shared is the local cloud of all tests, program the command line under test.
var (
	shared  *story.Cloud
	program string
)

// mint is the argument with which the test binary prints a token: it is the token command of everybody here.
const mint = "mint"

// TestMain plays three parts: the tests, their token command, and their browser.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == browse {
		if err := click(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) == 5 && os.Args[1] == mint {
		if err := token(os.Args[2], os.Args[3], os.Args[4]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(run(m))
}

func token(dir, persona, workspace string) error {
	issuer, err := cloud.IssuerIn(dir)
	if err != nil {
		return err
	}
	audience := identity.CoreAudience()
	if workspace != "core" {
		w, err := identity.FindWorkspace(workspace)
		if err != nil {
			return err
		}
		audience = w.Audience()
	}
	text, err := issuer.Token(persona, audience)
	fmt.Println(text)
	return err
}

func run(m *testing.M) int {
	storytest.SideBySide(3)
	dir, err := os.MkdirTemp("", "airlock-cli-")
	if err == nil {
		defer os.RemoveAll(dir)
		program, err = build(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return storytest.Run(m, func(o *cloud.Options) { o.Speed = 50 }, func(c *story.Cloud) error {
		shared = c
		_, err := c.ChangePolicy(context.Background(), "genomics", func(policy map[string]any) {
			story.Member(policy, "files")["maxFiles"] = 20
		})
		return err
	})
}

// build makes the program, and the verifier that it calls, from the sources as they are.
func build(dir string) (string, error) {
	repository, err := storytest.Repository()
	if err != nil {
		return "", err
	}
	// go test sees that its result depends on the sources when they are looked at.
	err = filepath.WalkDir(filepath.Join(repository, "client"), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "build", "-o", dir, "./client/airlock", "./handler/airlock-verify")
	cmd.Dir = repository
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the command line: %w\n%s", err, out)
	}
	return filepath.Join(dir, "airlock"), nil
}
