// Package clamav is ClamAV as a second engine beside the malware scanner: an external gate
// that runs clamscan. It has one signature, that of the EICAR test file, so that nothing is
// downloaded; a deployment of one's own has ClamAV's.
package clamav

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"example.org/airlock/client/gate"
)

// eicar is the signature: MD5, size and name (docs.clamav.net/manual/Signatures/HashSignatures.html).
const eicar = "44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature\n"

// ErrMissing says that ClamAV is not installed.
var ErrMissing = errors.New("clamscan is not installed (Debian: apt-get install clamav)")

// Engine runs clamscan. It is safe for concurrent use.
type Engine struct {
	program, database string
	version           string
}

var versionLine = regexp.MustCompile(`^ClamAV ([0-9.]{1,20})`)

// New writes the signature into a folder and asks clamscan for its version. Errors:
// ErrMissing.
func New(ctx context.Context, folder string) (*Engine, error) {
	program, err := exec.LookPath("clamscan")
	if err != nil {
		return nil, ErrMissing
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	e := &Engine{program: program, database: filepath.Join(folder, "eicar.hdb")}
	if err := os.WriteFile(e.database, []byte(eicar), 0o600); err != nil {
		return nil, err
	}
	said, err := exec.CommandContext(ctx, program, "--version", "--database="+folder).Output()
	if err != nil {
		return nil, fmt.Errorf("clamscan --version: %w", err)
	}
	version := versionLine.FindSubmatch(said)
	if version == nil {
		return nil, fmt.Errorf("clamscan --version says %q", said)
	}
	e.version = string(version[1])
	return e, nil
}

// Name says what looks.
func (e *Engine) Name() gate.Engine {
	return gate.Engine{Name: "clamav", Version: e.version, Rules: "eicar"}
}

// Judge scans files. A signature that matches blocks; what ClamAV cannot look into, such as
// an encrypted archive, is for people.
func (e *Engine) Judge(ctx context.Context, files []gate.Local) (gate.Judgement, error) {
	arguments := []string{"--database=" + e.database, "--no-summary", "--infected", "--stdout", "--alert-encrypted=yes", "--alert-exceeds-max=yes"}
	names := map[string]string{}
	for _, f := range files {
		arguments, names[f.Path] = append(arguments, f.Path), f.Name
	}
	said, err := exec.CommandContext(ctx, e.program, arguments...).Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && failed.ExitCode() == 1 { // something was found
		err = nil
	}
	if err != nil {
		return gate.Judgement{}, fmt.Errorf("clamscan: %w", err)
	}
	return judgement(said, names)
}

// judgement reads clamscan's lines, "PATH: NAME FOUND".
func judgement(said []byte, names map[string]string) (gate.Judgement, error) {
	j := gate.Judgement{Outcome: gate.Passed}
	for lines := bufio.NewScanner(bytes.NewReader(said)); lines.Scan(); {
		line, found := strings.CutSuffix(lines.Text(), " FOUND")
		if !found {
			continue
		}
		at := strings.LastIndex(line, ": ")
		if at < 0 || names[line[:at]] == "" {
			return j, fmt.Errorf("clamscan says %q", line)
		}
		f := gate.Finding{Rule: ruleOf(line[at+2:]), Severity: "high", File: names[line[:at]]}
		if strings.HasPrefix(line[at+2:], "Heuristics.") {
			f.Severity = "medium"
			if j.Outcome == gate.Passed {
				j.Outcome = gate.Findings
			}
		} else {
			j.Outcome = gate.Blocked
		}
		j.Findings = append(j.Findings, f)
	}
	return j, nil
}

var notInRules = regexp.MustCompile(`[^a-z0-9_.-]+`)

// ruleOf is the name of a signature as the name of a rule.
func ruleOf(signature string) string {
	name := "clamav." + notInRules.ReplaceAllString(strings.ToLower(strings.TrimSuffix(signature, ".UNOFFICIAL")), "-")
	return name[:min(len(name), 64)]
}
