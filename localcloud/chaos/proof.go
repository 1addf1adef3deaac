package chaos

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"example.org/airlock/localcloud/story"
)

// proveReleases: whatever lies in an account for approved files was released by people, as airlock-verify finds with
// nothing but the exported evidence and the published keys; and its bytes are the uploaded ones.
func (q *reckoning) proveReleases() error {
	keys, err := q.ask(story.Manager, playedIn, http.MethodGet, "/receipt-keys", nil)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(q.cloud.Dir, "proofs-")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "keys.json"), keys.Body, 0o600); err != nil {
		return err
	}
	proven := 0
	for _, c := range append(q.victims.all(), q.spared.all()...) {
		status, released, err := q.released(c)
		if err != nil {
			return err
		}
		if !released {
			continue
		}
		proven++
		if err := q.prove(c, status, dir); err != nil {
			return err
		}
	}
	q.say("insiders: %d releases proven", proven)
	return nil
}

// released reports whether files of a request lie in its account for approved files, or did, and its status.
func (q *reckoning) released(c Case) (status string, released bool, err error) {
	if c.ID == "" {
		return "", false, nil
	}
	account := story.Account(c.Direction, story.Approved, c.Workspace)
	containers, err := q.cloud.Ground.Containers(q.ctx, account)
	if err != nil {
		return "", false, err
	}
	files := 0
	for _, container := range containers {
		if requestOf(container) != c.ID {
			continue
		}
		blobs, _, err := q.cloud.Ground.Blobs(q.ctx, account, container)
		if err != nil {
			return "", false, err
		}
		files += len(blobs)
	}
	status, _, err = q.status(c)
	if files > 0 && c.Want[0] != story.Approved && c.Want[0] != story.Revoked {
		q.find(c.ID, Wrong, "files were released that nobody has approved")
	}
	return status, files > 0 || status == story.Approved || status == story.Revoked, err
}

// prove has airlock-verify judge one release. A receipt comes a moment after the release.
func (q *reckoning) prove(c Case, status, dir string) error {
	if q.Verifier == "" {
		return nil
	}
	var said []byte
	for range 60 {
		a, err := q.ask(story.Owner, playedIn, http.MethodGet, q.workspace(below(c.ID, "/evidence")), nil)
		if err != nil {
			return err
		}
		said = a.Body
		if a.Status == http.StatusNotFound && status == story.Revoked {
			return nil // revoked before there was a receipt
		}
		if a.Status == http.StatusOK {
			archive := filepath.Join(dir, c.ID+".zip")
			if err := os.WriteFile(archive, a.Body, 0o600); err != nil {
				return err
			}
			said, err = exec.CommandContext(q.ctx, q.Verifier, archive, "--keys", filepath.Join(dir, "keys.json")).CombinedOutput()
			if failed, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || failed.ExitCode() != 1) {
				return err
			}
			if err == nil || strings.Contains(string(said), "REVOKED: the evidence is genuine") {
				return nil
			}
		}
		time.Sleep(500 * time.Millisecond)
	}
	q.find(c.ID, Wrong, "its release cannot be proven: %s", said)
	return nil
}
