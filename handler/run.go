package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/doctor"
	"example.org/airlock/handler/events"
	"example.org/airlock/handler/httpapi"
	"example.org/airlock/handler/identity"
	"example.org/airlock/handler/logging"
	"example.org/airlock/handler/notify"
	"example.org/airlock/handler/outbox"
	"example.org/airlock/handler/portal"
	"example.org/airlock/handler/workflow"
)

// run is the program without its globals, so that a test can start it. It
// serves until ctx ends or serving fails, and always returns an error that says
// why it ended. ready, if not nil, receives the address once requests are served.
//
// It starts without asking any other service: the host gives a handler 30
// seconds, and a storage account that is away must not keep the API from saying
// so.
func run(ctx context.Context, environ []string, logTo io.Writer, ready chan<- net.Addr) error {
	log := logging.New(logTo).With("version", version, "commit", commit)
	slog.SetDefault(log)
	c, err := readConfig(environ)
	if err != nil {
		return fmt.Errorf("settings:\n%w", err)
	}
	p, err := build(c, log)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	running.Go(func() { p.outbox.Run(ctx) })
	if c.Background {
		running.Go(func() { p.service.Run(ctx) })
	}
	err = serve(ctx, c.Port, &releasing{next: apart(p.api, p.pages, p.deliveries), release: p.release}, log, ready)
	cancel()
	running.Wait()
	return err
}

// program holds the parts that main wires together.
type program struct {
	outbox     *outbox.Outbox
	doctor     *doctor.Doctor
	service    *workflow.Service
	api        http.Handler
	pages      http.Handler
	deliveries http.Handler
	release    func() // gives back the memory that nothing uses
}

// build makes every part once. It makes no call.
func build(c config, log *slog.Logger) (program, error) {
	o, err := reach(c, log)
	if err != nil {
		return program{}, err
	}
	notices := notify.New(notify.Config{Directory: o.directory, RequestURL: c.RequestURL, Log: log})
	publishing := outbox.New(outbox.Config{Rows: o.tables, Publisher: o.topics, Notices: notices, Workspaces: o.tables, Log: log})
	inspector, err := newInspector()
	if err != nil {
		return program{}, err
	}
	var deliveries *events.Handler
	service := workflow.New(workflow.Config{
		Requests: o.tables, Registry: o.tables, Parked: o.tables, Blobs: o.blobs, Evidence: o.evidence,
		Inspector: inspector, Progress: o.progress, Signer: o.signer, Directory: o.directory, Outbox: publishing, Accounts: c.Accounts,
		BlobHost: func(account string) string { return account + ".blob." + c.StorageSuffix },
		DeadLetters: func(ctx context.Context, before time.Time) (int, error) {
			return deliveries.CollectDeadLetters(ctx, before)
		},
		Grace: c.ReconcileGrace, Now: time.Now, Log: log,
	})
	deliveries = events.New(events.Config{Service: service, DeadLetters: o.deadLetters, Log: log})
	verifier := identity.New(identity.Config{Issuer: c.TokenIssuer, CoreAudience: c.APIAudience, Tenant: c.TenantID, Log: log})
	examiner := doctor.New(doctor.Config{
		Blobs: o.blobs, Tables: o.tables, Evidence: o.evidence, EvidenceContainers: workflow.EvidenceContainers(), Inspections: o.progress, Topics: o.topics,
		Keys: map[string]doctor.Key{"signing key": o.signer, "state key": o.sealer}, Registry: o.tables, Directory: o.directory, Issuer: verifier,
		Canary: o.tables, DeadLetters: o.deadLetters, Work: backlog{service}, Accounts: c.Accounts,
		Now: time.Now, Within: checkWithin, Patience: canaryWithin,
	})
	api := httpapi.New(httpapi.Config{
		Service: service, Operations: service, Doctor: examiner, Registry: o.tables, Verifier: verifier,
		Redrive: func(ctx context.Context, p airlock.Principal, id string, discard bool) error {
			return service.Redrive(ctx, p, id, discard, deliveries.Redeliver)
		},
		Metadata:    httpapi.Metadata{APIClientID: c.APIClientID, APIRootScope: c.APIRootScope, TenantID: c.TenantID, SignIn: signIn(c)},
		Build:       httpapi.Build{Version: version, Commit: commit, Date: date},
		BlobURL:     func(account string) string { return strings.Replace(c.LinkBase, "{account}", account, 1) },
		PlainErrors: c.PlainErrors, Now: time.Now, Log: log,
	})
	pages, err := portal.New(portal.Config{SignIn: c.TokenIssuer, LinkBase: c.LinkBase})
	if err != nil {
		return program{}, err
	}
	return program{outbox: publishing, doctor: examiner, service: service, api: api, pages: pages, deliveries: deliveries, release: o.release}, nil
}

// serve listens last: the host takes any answer as a sign that all is ready
// (azure-functions-host, DefaultHttpWorkerService.IsWorkerReady), and only on
// the loopback interface: nothing but the host may reach a handler.
func serve(ctx context.Context, port string, handler http.Handler, log *slog.Logger, ready chan<- net.Addr) error {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return err
	}
	server := newServer(handler, log)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	log.Info("serving", "address", listener.Addr().String(), "built", date)
	if ready != nil {
		ready <- listener.Addr()
	}
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	// A convenience: the host kills without warning, so nothing depends on this.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = server.Shutdown(grace)
	return context.Cause(ctx)
}

// newServer lets nobody hold a connection with half a request.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
}
