package main

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// stamp says what the package was made of. It is in /api/health, in the log and
// in the zip's times.
type stamp struct {
	Version string    // the tag, or the commits since it; "-dirty" with changes not committed
	Commit  string    // full hash
	Time    time.Time // of the commit
}

// readStamp asks git. Without a repository or a commit there is no package: what
// is deployed must be traceable.
func readStamp(root string) (stamp, error) {
	commit, err := git(root, "rev-parse", "HEAD")
	if err != nil {
		return stamp{}, err
	}
	version, err := git(root, "describe", "--tags", "--always", "--dirty")
	if err != nil {
		return stamp{}, err
	}
	seconds, err := git(root, "show", "-s", "--format=%ct", "HEAD")
	if err != nil {
		return stamp{}, err
	}
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return stamp{}, fmt.Errorf("commit time %q: %w", seconds, err)
	}
	return stamp{version, commit, time.Unix(unix, 0).UTC()}, nil
}

// linkerFlags set the variables of package main in handler/.
func (s stamp) linkerFlags() string {
	return fmt.Sprintf("-s -w -buildid= -X main.version=%s -X main.commit=%s -X main.date=%s", s.Version, s.Commit, s.Time.Format(time.RFC3339))
}

func git(root string, args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-C", root}, args...)...) //nolint:gosec // fixed arguments
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
