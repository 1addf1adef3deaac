package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
	"example.org/airlock/handler/blobstore"
	"example.org/airlock/handler/eventgrid"
	"example.org/airlock/handler/events"
	"example.org/airlock/handler/httpapi"
	"example.org/airlock/handler/identity"
	"example.org/airlock/handler/keys"
	"example.org/airlock/handler/logging"
	"example.org/airlock/handler/notify"
	"example.org/airlock/handler/outbox"
	"example.org/airlock/handler/tablestore"
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
	go p.outbox.Run(ctx)
	return serve(ctx, c.Port, apart(p.api, p.deliveries), log, ready)
}

// program is what main wires together.
type program struct {
	outbox     *outbox.Outbox
	api        http.Handler
	deliveries http.Handler
}

// build makes every part once. It makes no call.
func build(c config, log *slog.Logger) (program, error) {
	sdk := azcore.ClientOptions{Transport: azure.NewTransport()}
	cred, err := managedIdentity(c.IdentityClientID)
	if err != nil {
		return program{}, err
	}
	tables, err := tablestore.New(c.TableEndpoint, cred, tablestore.Options{ClientOptions: sdk, Reserved: c.reserved()})
	if err != nil {
		return program{}, err
	}
	blobs, err := blobstore.New(blobstore.Config{Suffix: c.StorageSuffix, LinkBase: c.LinkBase, Credential: cred, ClientOptions: sdk, Now: time.Now})
	if err != nil {
		return program{}, err
	}
	topics, err := eventgrid.New(c.Topics, cred, sdk)
	if err != nil {
		return program{}, err
	}
	signer, err := keys.OpenSigner(c.SigningKey, cred, sdk)
	if err != nil {
		return program{}, err
	}
	directory := directory(c, cred, sdk)
	notices := notify.New(notify.Config{Directory: directory, RequestURL: c.RequestURL, Log: log})
	publishing := outbox.New(outbox.Config{Rows: tables, Publisher: topics, Notices: notices, Workspaces: tables, Log: log})
	var deliveries *events.Handler
	service := workflow.New(workflow.Config{
		Requests: tables, Registry: tables, Parked: tables, Blobs: blobs, Evidence: blobstore.NewEvidence(blobs, c.Evidence),
		Signer: signer, Directory: directory, Outbox: publishing, Accounts: c.Accounts,
		BlobHost: func(account string) string { return account + ".blob." + c.StorageSuffix },
		DeadLetters: func(ctx context.Context, before time.Time) (int, error) {
			return deliveries.CollectDeadLetters(ctx, before)
		},
		Grace: c.ReconcileGrace, Now: time.Now, Log: log,
	})
	deliveries = events.New(events.Config{Service: service, DeadLetters: blobstore.NewDeadLetters(blobs, c.stateAccount()), Log: log})
	api := httpapi.New(httpapi.Config{
		Service: service, Operations: service, Registry: tables,
		Verifier: identity.New(identity.Config{Issuer: c.TokenIssuer, CoreAudience: c.APIAudience, Log: log}),
		Redrive: func(ctx context.Context, p airlock.Principal, id string, discard bool) error {
			return service.Redrive(ctx, p, id, discard, deliveries.Redeliver)
		},
		Metadata:    httpapi.Metadata{APIClientID: c.APIClientID, APIRootScope: c.APIRootScope, TenantID: c.TenantID},
		Build:       httpapi.Build{Version: version, Commit: commit, Date: date},
		PlainErrors: c.PlainErrors, Log: log,
	})
	return program{outbox: publishing, api: api, deliveries: deliveries}, nil
}

// managedIdentity is the only credential: there are no keys and no secrets.
func managedIdentity(clientID string) (azcore.TokenCredential, error) {
	options := &azidentity.ManagedIdentityCredentialOptions{}
	if clientID != "" {
		options.ID = azidentity.ClientID(clientID)
	}
	return azidentity.NewManagedIdentityCredential(options)
}

// roles is the directory as its two users want it.
type roles interface {
	workflow.Directory
	notify.Directory
}

func directory(c config, cred azcore.TokenCredential, sdk azcore.ClientOptions) roles {
	if c.Directory == "contacts" {
		return notify.Contacts{}
	}
	return notify.NewGraph(cred, sdk, notify.DefaultGraph)
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
