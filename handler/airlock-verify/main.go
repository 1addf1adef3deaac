// Command airlock-verify checks the airlock's evidence without the airlock: the
// exported evidence of a release, or by themselves the audit trail of a request, the
// log of anchors, and release receipts. It shares
// no code with the service that wrote them, only the published format
// (docs/audit-format.md), and needs no network.
//
// Exit code 0: everything checked is right. 1: something is wrong, and the
// output says what. 2: the call is wrong or a file cannot be read.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

const usage = `Usage:
  airlock-verify FOLDER|ARCHIVE.zip --keys FILE... [--files DIR]
        Check the evidence of a release as GET .../evidence exports it: the receipt,
        the audit trail, the anchors that cover it, a revocation; and the released
        files. VERIFIED means that all of it is right and nothing speaks against it.
  airlock-verify chain TRAIL.json...
        Check audit trails as GET .../history returns them.
  airlock-verify anchors DIR --keys FILE... [--trails DIR]
        Check the log of anchors copied from the container "anchors", with its
        signatures, and trails against it.
  airlock-verify receipt RELEASE.json --keys FILE... [--files DIR] [--trail TRAIL.json]
        Check a release receipt's signature and what it says, against the
        released files and the request's trail.

--keys is a key set as GET /api/receipt-keys answers it, or a PEM file of public
keys; repeat it for several. The format of everything is in docs/audit-format.md.
`

// Exit codes.
const (
	allRight = 0
	wrong    = 1
	unusable = 2
)

// errUsage asks for the usage text.
var errUsage = errors.New("usage")

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program: it returns the exit code.
func run(args []string, out, errs io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(errs, usage)
		return unusable
	}
	r := &report{out: out}
	var err error
	switch command, rest := args[0], args[1:]; command {
	case "chain":
		err = chainCommand(rest, r)
	case "anchors":
		err = anchorsCommand(rest, r)
	case "receipt":
		err = receiptCommand(rest, r)
	case "evidence":
		err = evidenceCommand(rest, r)
	case "help", "-h", "--help":
		fmt.Fprint(out, usage)
		return allRight
	default:
		err = evidenceCommand(args, r)
		_, missing := os.Stat(command) //nolint:gosec // to look where it is told to is its purpose
		if missing != nil && !strings.HasPrefix(command, "-") {
			err = fmt.Errorf("there is no command, folder or archive %q: %w", command, errUsage)
		}
	}
	if err != nil {
		fmt.Fprintln(errs, "airlock-verify:", err)
		if errors.Is(err, errUsage) {
			fmt.Fprint(errs, usage)
		}
		return unusable
	}
	return r.end()
}

// options reads flags wherever they stand among the arguments and returns the
// others.
func options(set *flag.FlagSet, args []string) ([]string, error) {
	set.SetOutput(io.Discard)
	var others []string
	for len(args) > 0 {
		if err := set.Parse(args); err != nil {
			return nil, fmt.Errorf("%w: %w", err, errUsage)
		}
		if args = set.Args(); len(args) > 0 {
			others, args = append(others, args[0]), args[1:]
		}
	}
	return others, nil
}

// repeated is a flag that may be given more than once.
type repeated []string

func (r *repeated) String() string     { return fmt.Sprint(*r) }
func (r *repeated) Set(s string) error { *r = append(*r, s); return nil }
