package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"example.org/airlock/handler/doctor"
	"example.org/airlock/handler/logging"
	"example.org/airlock/handler/workflow"
)

const (
	// checkWithin bounds one check, canaryWithin the way of an event and back. Both
	// fit into the time of a call.
	checkWithin  = 10 * time.Second
	canaryWithin = 18 * time.Second
)

// errUnwell makes the command's exit code say that something is wrong.
var errUnwell = errors.New("something is wrong")

// examine prints the doctor's report, one finding a line: settings first, since
// nothing can be checked without them.
func examine(ctx context.Context, environ []string, to io.Writer) error {
	c, err := readConfig(withoutHost(environ))
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			printFinding(to, doctor.Finding{Check: "setting", State: doctor.Wrong, Says: strings.TrimSpace(line), Fix: "See docs/DEPLOY.md, settings."})
		}
		return errUnwell
	}
	p, err := build(c, slog.New(slog.DiscardHandler))
	if err != nil {
		printFinding(to, doctor.Finding{Check: "setting", State: doctor.Wrong, Says: logging.Redacted(err.Error()), Fix: "See docs/DEPLOY.md, settings."})
		return errUnwell
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	report := p.doctor.Examine(ctx)
	for _, f := range report {
		printFinding(to, f)
	}
	if !report.Well() {
		return errUnwell
	}
	return nil
}

func printFinding(to io.Writer, f doctor.Finding) {
	fmt.Fprintf(to, "%-11s %s", f.State, f.Check)
	if f.About != "" {
		fmt.Fprintf(to, " %s", f.About)
	}
	fmt.Fprintf(to, ": %s", f.Says)
	if f.Fix != "" {
		fmt.Fprintf(to, " %s", f.Fix)
	}
	fmt.Fprintln(to)
}

// backlog tells the doctor what waits, from what the workflow knows of health.
type backlog struct{ service *workflow.Service }

func (b backlog) Backlog(ctx context.Context) (doctor.Backlog, error) {
	h := b.service.Health(ctx)
	if !h.StorageReachable {
		return doctor.Backlog{}, errors.New("the state store cannot be reached")
	}
	return doctor.Backlog{OldestUnpublished: h.OldestUnpublished, Overdue: h.Overdue, Parked: h.Parked, ScanSilent: h.ScanSilent}, nil
}
