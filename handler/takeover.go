package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azuretre"
	"example.org/airlock/handler/logging"
	"example.org/airlock/handler/workflow"
)

// errIncomplete makes the command's exit code say that not all was imported.
var errIncomplete = errors.New("not all was imported")

// importer is the part of the workflow that the command calls.
type importer interface {
	Import(ctx context.Context, in airlock.Request, drafts bool) (workflow.Taken, error)
}

// takeOver imports an export of AzureTRE's requests with the settings of the app:
// handler import [-drafts] FILE. It prints a line for each that is not imported, and a
// count at the end. Its error is errIncomplete for such a line, and anything else when it
// could not begin or go on.
func takeOver(ctx context.Context, arguments, environ []string, to io.Writer) error {
	flags := flag.NewFlagSet("handler import", flag.ContinueOnError)
	flags.SetOutput(to)
	drafts := flags.Bool("drafts", false, "begin requests anew that have not ended, as drafts")
	flags.Usage = func() {
		fmt.Fprintln(to, "handler import [-drafts] FILE\n\nImports airlock requests of AzureTRE: FILE has one JSON document a line.")
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return errors.New("name one file")
	}
	file, err := os.Open(flags.Arg(0))
	if err != nil {
		return err
	}
	defer file.Close()
	c, err := readConfig(withoutHost(environ))
	if err != nil {
		return fmt.Errorf("settings:\n%w", err)
	}
	p, err := build(c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return importAll(ctx, p.service, file, *drafts, to)
}

// importAll imports one line after the other. A line that cannot be imported is told and
// passed over; a service that does not answer ends it, since the next line would fare no
// better.
func importAll(ctx context.Context, service importer, from io.Reader, drafts bool, to io.Writer) error {
	taken := map[workflow.Taken]int{}
	bad := 0
	var stopped error
	for line := range azuretre.Lines(from) {
		r, became, err := importLine(ctx, service, line, drafts)
		if err == nil {
			if taken[became]++; became == workflow.LeftOpen {
				fmt.Fprintf(to, "line %d: request %s is %s in AzureTRE; with -drafts it begins anew here\n", line.Number, r.ID, r.Status)
			}
			continue
		}
		bad++
		fmt.Fprintf(to, "line %d: %s%s\n", line.Number, naming(r), logging.Redacted(err.Error()))
		if fault, ok := errors.AsType[*airlock.Fault](err); ok || ctx.Err() != nil {
			stopped = fmt.Errorf("stopped at line %d: repeat the command when the cause is gone, what is imported is passed over then", line.Number)
			if ok {
				stopped = fmt.Errorf("%w (%s)", stopped, fault.Cause())
			}
			break
		}
	}
	fmt.Fprintf(to, "%d imported to be read, %d begun anew as drafts, %d were here already, %d open ones left, %d lines not imported\n",
		taken[workflow.TakenEnded], taken[workflow.TakenDraft], taken[workflow.TakenBefore], taken[workflow.LeftOpen], bad)
	switch {
	case stopped != nil:
		return stopped
	case bad > 0:
		return errIncomplete
	}
	return nil
}

func importLine(ctx context.Context, service importer, line azuretre.Line, drafts bool) (airlock.Request, workflow.Taken, error) {
	if line.Err != nil {
		return airlock.Request{}, 0, line.Err
	}
	r, err := azuretre.Request(line.Text)
	if err != nil {
		return r, 0, err
	}
	became, err := service.Import(ctx, r, drafts)
	if errors.Is(err, airlock.ErrNoWorkspace) {
		err = fmt.Errorf("workspace %s is not registered here", r.Workspace)
	}
	return r, became, err
}

func naming(r airlock.Request) string {
	if r.ID == "" {
		return ""
	}
	return fmt.Sprintf("request %s: ", r.ID)
}
