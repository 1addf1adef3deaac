// Command airlock-gate-test plays the airlock for an external gate: it sends the gate the
// events that ask for work, answers its calls, and says what the gate does right and wrong.
// It needs no airlock, no Azure and no network.
//
// Exit code 0: the gate keeps the contract. 1: it does not, and the output says where. 2:
// the call is wrong, or the gate cannot be reached.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"time"
)

const usage = `Usage:
  airlock-gate-test [flags] EVENTS [-- COMMAND...]

EVENTS is the address of the gate's webhook, to which Event Grid would deliver.
The gate has to call the API at --listen, as it would the airlock's. COMMAND
starts it with that address in AIRLOCK_URL and a bearer token in AIRLOCK_TOKEN;
without COMMAND the gate runs already and is set to both.

Example:
  airlock-gate-test --bad eicar.com http://127.0.0.1:8080/ -- ./my-gate --port 8080

Flags:
`

// Exit codes.
const (
	keeps    = 0
	breaks   = 1
	unusable = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// options are the command's flags.
type options struct {
	listen, token, gate, bad string
	wait                     time.Duration
	settle                   time.Duration // how long to wait for a call that should not come
	events                   string
	command                  []string
}

// run is the program: it returns the exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	o, err := read(args, errs)
	if errors.Is(err, flag.ErrHelp) {
		return keeps
	}
	if err != nil {
		fmt.Fprintln(errs, "airlock-gate-test:", err)
		return unusable
	}
	ok, err := examine(ctx, o, out, errs)
	switch {
	case err != nil:
		fmt.Fprintln(errs, "airlock-gate-test:", err)
		return unusable
	case !ok:
		return breaks
	}
	return keeps
}

func read(args []string, errs io.Writer) (options, error) {
	o := options{settle: 1500 * time.Millisecond}
	set := flag.NewFlagSet("airlock-gate-test", flag.ContinueOnError)
	set.SetOutput(errs)
	set.Usage = func() { fmt.Fprint(errs, usage); set.PrintDefaults() }
	set.StringVar(&o.listen, "listen", "127.0.0.1:7090", "address of the API for the gate")
	set.StringVar(&o.token, "token", "airlock-gate-test-token", "bearer token that the gate has to send")
	set.StringVar(&o.gate, "gate", "dlp", "id of the gate")
	set.StringVar(&o.bad, "bad", "", "file in which the gate has to find something; its content must not come back in a verdict")
	set.DurationVar(&o.wait, "wait", 30*time.Second, "how long to wait for a verdict")
	if err := set.Parse(args); err != nil {
		return o, err
	}
	if set.NArg() == 0 {
		return o, errors.New("say where the gate takes events; --help shows how")
	}
	o.events, o.command = set.Arg(0), set.Args()[1:]
	if len(o.command) > 0 && o.command[0] == "--" {
		o.command = o.command[1:]
	}
	return o, nil
}

// examine plays all scenes, and reports whether the gate kept to its part in each.
func examine(ctx context.Context, o options, out, errs io.Writer) (bool, error) {
	s, err := open(o)
	if err != nil {
		return false, err
	}
	defer s.close()
	if len(o.command) > 0 {
		gate := exec.CommandContext(ctx, o.command[0], o.command[1:]...)
		gate.Env = append(os.Environ(), "AIRLOCK_URL="+s.url(), "AIRLOCK_TOKEN="+o.token)
		gate.Stdout, gate.Stderr = errs, errs
		if err := gate.Start(); err != nil {
			return false, err
		}
		defer func() { _ = gate.Process.Kill(); _ = gate.Wait() }()
	}
	p := &player{service: s, options: o, out: out}
	if err := p.reach(ctx); err != nil {
		return false, err
	}
	return p.play(ctx, scenes), ctx.Err()
}
