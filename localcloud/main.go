// Command localcloud is the parts of Azure that the airlock needs, on one machine: `localcloud up` runs them with the
// handler, the other subcommands get tokens from a running one, look at its mails and make things go wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// command is one subcommand.
type command struct {
	name, arguments, purpose string
	run                      func(ctx context.Context, args []string, stdout, stderr io.Writer) error
}

func commands() []command {
	return []command{
		{"demo", "[--dir DIR]", "play the airlock's stories in a local cloud of its own", demo},
		{"chaos", "[--seed N] [--requests N] [--crash all|sample|none|POINT] [--tamper=false] [--lanes N] [--minutes M] [--dir DIR]", "play stories while everything goes wrong, then hold an inquest", breakThings},
		{"up", "[--dir DIR] [--api-port N] [--scan=on|off] [--instances N] [--speed F]", "run a local cloud until interrupted", up},
		{"token", "--as PERSONA [--workspace NAME|ID] [--core] [--dir DIR]", "print a bearer token", token},
		{"workspace", "NAME", "print the id of a workspace", workspaceID},
		{"policy", "[--workspace NAME|ID] [--dir DIR] [path=value ...]", "print a workspace's policy, or change it first, e.g. review.allowSelfReview=true", showPolicy},
		{"mail", "[--dir DIR]", "list the mails that would have been sent", mail},
		{"verdict", "--clean|--malicious|--error|--none|--auto [--always] [--blob SUBSTRING] [--dir DIR]", "say what the malware scan finds next", verdict},
		{"doctor", "[--dir DIR] [NAME=value ...]", "examine the local cloud with the handler's own doctor; settings given stand over its own", examine},
		{"kill", "[--dir DIR]", "kill the handler (SIGKILL); the host starts it again", kill},
		{"events", "pause|resume [--dir DIR]", "stop or go on delivering events", events},
	}
}

func main() { os.Exit(exitCode()) }

func exitCode() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "localcloud:", err)
		return 1
	}
	return 0
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		help(stdout)
		return nil
	}
	for _, c := range commands() {
		if c.name == args[0] {
			err := c.run(ctx, args[1:], stdout, stderr)
			if errors.Is(err, flag.ErrHelp) {
				return nil
			}
			return err
		}
	}
	return fmt.Errorf("no command %q; `localcloud help` lists them", args[0])
}

func help(w io.Writer) {
	fmt.Fprintln(w, "localcloud COMMAND")
	for _, c := range commands() {
		fmt.Fprintf(w, "\n  %s %s\n        %s\n", c.name, c.arguments, c.purpose)
	}
	fmt.Fprintln(w, "\nDIR is .local unless given. DIR/endpoints.json tells all addresses; GET its \"control\" address for the test controls.")
}

// flags returns a flag set with the --dir that all commands have.
func flags(name string, stderr io.Writer) (set *flag.FlagSet, dir *string) {
	set = flag.NewFlagSet("localcloud "+name, flag.ContinueOnError)
	set.SetOutput(stderr)
	return set, set.String("dir", ".local", "directory with all state")
}

// parse refuses arguments that are no flags, so that a forgotten dash does not go unnoticed.
func parse(set *flag.FlagSet, args []string) error {
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", set.Arg(0))
	}
	return nil
}
