package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"example.org/airlock/client/gate"
	"example.org/airlock/localcloud/azurite"
	"example.org/airlock/localcloud/defender"
	"example.org/airlock/localcloud/event"
	"example.org/airlock/localcloud/fault"
	"example.org/airlock/localcloud/front"
	"example.org/airlock/localcloud/funchost"
	"example.org/airlock/localcloud/graph"
	"example.org/airlock/localcloud/grid"
	"example.org/airlock/localcloud/identity"
	"example.org/airlock/localcloud/logicapp"
)

// handlerObjectID is the handler's managed identity.
const handlerObjectID = "b0000000-0000-4000-8000-000000000001"

// Options say which cloud to run.
type Options struct {
	Root      string // the repository: host.json, functions, build/handler
	Install   string // of Azurite; empty: Root/build/azurite
	Dir       string // all state
	APIPort   int    // 0: a free one
	Scan      string // "on", "off", or "" for the workspaces' own setting (at first: on)
	Instances int    // of the Functions host; 0: 1
	Speed     float64
	Settings  map[string]string // of the handler, over the local ones
	Compact   []string          // who gets the compact layout when the cloud is made: "core", workspaces by name
	Progress  io.Writer         // one line a step, for people
}

// Cloud is the local cloud while it is put together and while it runs.
type Cloud struct {
	options   Options
	log       *slog.Logger
	logFile   *os.File
	ports     *ports
	parts     *parts
	endpoints Endpoints
	layout    layout

	keys     azurite.Keys
	backend  *front.Backend
	front    *front.Front
	ca       *front.CA
	managed  *identity.Managed
	issuer   identity.Issuer
	people   *identity.Server
	faults   *fault.Filter
	grid     *grid.Grid
	defender *defender.Defender
	graph    *graph.Graph
	mails    *logicapp.App
	host     *funchost.Host
	clamAV   *gate.Gate // nil where ClamAV is not installed
}

// Run runs a local cloud until ctx ends, then stops every child. It calls ready once everything is usable. State in
// Options.Dir survives, so the next Run goes on where this one ended.
func Run(ctx context.Context, o Options, ready func(Endpoints)) (err error) {
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return err
	}
	for _, dir := range []string{o.Dir, filepath.Join(o.Dir, "keys"), filepath.Join(o.Dir, "logs")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("local cloud: %w", err)
		}
	}
	held, err := lock(o.Dir)
	if err != nil {
		return err
	}
	defer held.Close()
	// A cloud that was killed left its file, and nobody may take that for this one's.
	if err := removeEndpoints(o.Dir); err != nil {
		return err
	}
	o.Progress = &oneByOne{to: o.Progress}
	c := &Cloud{options: o, parts: newParts(), faults: &fault.Filter{}}
	defer func() {
		c.say("stopping")
		// Without the file nobody takes a stopped cloud for a running one.
		err = errors.Join(err, removeEndpoints(o.Dir), c.parts.stop())
	}()
	if err := c.start(ctx); err != nil {
		return err
	}
	ready(c.endpoints)
	select {
	case <-ctx.Done():
		return nil
	case err := <-c.parts.failed:
		return err
	}
}

// oneByOne lets many goroutines write to one place.
type oneByOne struct {
	mu sync.Mutex
	to io.Writer
}

func (w *oneByOne) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(text)
}

func (c *Cloud) say(format string, args ...any) {
	fmt.Fprintf(c.options.Progress, "local cloud: "+format+"\n", args...)
}

// start starts the pieces, those first that others call.
func (c *Cloud) start(ctx context.Context) error {
	for _, step := range []func(context.Context) error{c.stage, c.openLog, c.openKeys, c.startStorage, c.openPorts, c.startHandler, c.seed} {
		if err := step(ctx); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return c.endpoints.write(c.options.Dir)
}

func (c *Cloud) file(elements ...string) string {
	return filepath.Join(append([]string{c.options.Dir}, elements...)...)
}

// stage comes first: a program that was not built is best said at once.
func (c *Cloud) stage(context.Context) error { return stage(c.options.Root, c.file("app")) }

func (c *Cloud) openLog(context.Context) (err error) {
	c.logFile, err = os.OpenFile(c.file("logs", "localcloud.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("log: %w", err)
	}
	c.parts.add(c.logFile.Close)
	// Everything goes to the file, warnings to the terminal as well.
	c.log = slog.New(slog.NewMultiHandler(slog.NewJSONHandler(c.logFile, nil),
		slog.NewTextHandler(c.options.Progress, &slog.HandlerOptions{Level: slog.LevelWarn})))
	return nil
}

// openKeys reads everything that must outlive a restart, or makes it.
func (c *Cloud) openKeys(context.Context) (err error) {
	if err := c.openLayout(); err != nil {
		return err
	}
	if c.ports, err = loadPorts(c.file("ports.json")); err != nil {
		return err
	}
	if c.keys, err = azurite.LoadKeys(c.file("keys", "accounts.json"), c.layout.accounts()); err != nil {
		return err
	}
	if c.ca, err = front.LoadCA(c.file("keys")); err != nil {
		return err
	}
	programs, errPrograms := identity.LoadKey(c.file("keys", "programs.pem"))
	people, errPeople := identity.LoadKey(c.file("keys", "people.pem"))
	secret, errSecret := keep(c.file("keys", "identity-header"), randomText)
	_, errState := keep(c.file("keys", "state.key"), randomText)
	_, errSigning := keep(c.file("keys", "signing.pem"), signingKey)
	c.managed = &identity.Managed{Key: programs, Tenant: identity.Tenant, Secret: string(secret), ObjectID: handlerObjectID}
	c.issuer.Key = people
	return errors.Join(errPrograms, errPeople, errSecret, errState, errSigning)
}

// startStorage starts Azurite and makes the containers and tables that Terraform makes in Azure.
func (c *Cloud) startStorage(ctx context.Context) error {
	reserved, err := c.ports.reserve(portAzuriteBlob, portAzuriteQueue, portAzuriteTable)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(c.file("logs", "azurite.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("log: %w", err)
	}
	c.parts.add(log.Close)
	install := c.options.Install
	if install == "" {
		install = filepath.Join(c.options.Root, "build", "azurite")
	}
	c.say("starting Azurite with %d storage accounts", len(c.keys))
	server, err := azurite.Start(ctx, azurite.Options{Install: install, Dir: c.file("azurite"), Keys: c.keys, Log: log,
		Ports: azurite.Ports{Blob: reserved[0], Queue: reserved[1], Table: reserved[2]}})
	if err != nil {
		return err
	}
	go func() { <-server.Done(); c.parts.lost("Azurite", errUnasked) }()
	c.parts.add(server.Stop)
	return c.makeStorage(ctx, server.Blob, server.Table)
}

func (c *Cloud) makeStorage(ctx context.Context, blob, table *url.URL) error {
	secret, err := keep(c.file("keys", "links"), randomText)
	if err != nil {
		return err
	}
	c.backend = front.NewBackend(blob, table, c.keys)
	c.front = front.New(front.Config{Backend: c.backend, Secret: secret, Verify: c.managed.Verify, Emit: c.emit, Faults: c.faults, Log: c.log})
	for _, name := range tables {
		if err := c.backend.CreateTable(ctx, stateAccount, name); err != nil {
			return err
		}
	}
	for _, name := range []string{deadLetters, inspections} {
		if err := c.backend.CreateContainer(ctx, stateAccount, name); err != nil {
			return err
		}
	}
	for _, name := range evidenceContainers {
		if err := c.backend.CreateContainer(ctx, evidenceAccount, name); err != nil {
			return err
		}
	}
	return nil
}

// emit passes a storage event on to all who watch the account.
func (c *Cloud) emit(account string, e event.Event) {
	c.grid.Emit(account, e)
	c.defender.BlobCreated(account, e)
}
