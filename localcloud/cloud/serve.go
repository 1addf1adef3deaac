package cloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"example.org/airlock/localcloud/defender"
	"example.org/airlock/localcloud/event"
	"example.org/airlock/localcloud/front"
	"example.org/airlock/localcloud/funchost"
	"example.org/airlock/localcloud/graph"
	"example.org/airlock/localcloud/grid"
	"example.org/airlock/localcloud/identity"
	"example.org/airlock/localcloud/logicapp"
)

// handlerStartLimit is the host's own for the first answer (30 s), and room for two more tries.
const handlerStartLimit = 100 * time.Second

// openPorts opens all listeners and serves people, programs and tests; the handler is still to come.
func (c *Cloud) openPorts(ctx context.Context) error {
	api, err := c.ports.listenAPI(c.options.APIPort)
	if err != nil {
		return err
	}
	c.parts.add(closing(api))
	listeners := map[string]net.Listener{portAPI: api}
	for name, keep := range map[string]bool{portBlob: true, portIssuer: true, portProxy: false, portControl: false} {
		if listeners[name], err = c.ports.listen(name, keep); err != nil {
			return err
		}
		c.parts.add(closing(listeners[name]))
	}
	if err := c.ports.save(); err != nil {
		return fmt.Errorf("ports: %w", err)
	}
	c.issuer.Base = c.ports.url(portIssuer)
	c.people = identity.NewServer(c.issuer)
	c.front.SetCORS(c.layout.browserRules(c.ports.url(portAPI)))
	if err := c.connect(ctx); err != nil {
		return err
	}
	proxy := front.NewProxy(c.ca, c.log)
	for _, host := range c.front.Hosts() {
		proxy.Handle(host, c.front)
	}
	proxy.Handle("*.eventgrid.azure.net", c.faults.Handler("Publish", topicOf, c.grid))
	proxy.Handle("graph.microsoft.com", c.faults.Handler("Graph", func(r *http.Request) string { return r.URL.Path }, c.graph))
	proxy.Handle(identity.EntraHost, c.people.Handler())
	c.parts.run("the proxy", func(ctx context.Context) error {
		stop := context.AfterFunc(ctx, func() { _ = proxy.Close() })
		defer stop()
		return proxy.Serve(listeners[portProxy])
	})
	c.parts.serve("the storage front", listeners[portBlob], c.front.People())
	c.parts.serve("the token issuer", listeners[portIssuer], c.people.Handler())
	c.parts.serve("the control port", listeners[portControl], c.control())
	c.parts.serve("the API", api, c.host)
	return nil
}

// closing closes a listener that its server may have closed already.
func closing(l net.Listener) func() error {
	return func() error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	}
}

func topicOf(r *http.Request) string {
	topic, _, _ := strings.Cut(r.Host, ".")
	return topic
}

// connect makes the pieces that know each other; none of them runs yet.
func (c *Cloud) connect(ctx context.Context) (err error) {
	hostKey, err := keep(c.file("keys", "host-key"), randomText)
	if err != nil {
		return err
	}
	c.host, err = funchost.New(funchost.Options{
		Root: c.file("app"), Env: environment(c.ports, c.ca.File, c.managed.Secret), Settings: c.settings(),
		Instances: c.options.Instances, Speed: c.options.Speed, Key: string(hostKey), Log: c.log,
		PIDFile: c.file("handler.pid"), QueueFile: c.file("blob-queue.json"),
		ReadBlob: func(ctx context.Context, container, name string) ([]byte, error) {
			text, _, err := c.backend.Read(ctx, stateAccount, container, name, 64<<20)
			return text, err
		},
	})
	if err != nil {
		return fmt.Errorf("functions host: %w", err)
	}
	if broken := c.host.Broken(); len(broken) > 0 { // Azure would go on without them; here nobody would notice
		return fmt.Errorf("functions host: %w", errors.Join(broken...))
	}
	c.faults.Kill = c.host.Kill
	if c.mails, err = logicapp.New(c.options.Dir, c.log); err != nil {
		return fmt.Errorf("logic app: %w", err)
	}
	c.graph = graph.New(graph.Config{Authorize: c.managed.Authorize("https://graph.microsoft.com"), Log: c.log})
	if err := c.makeGate(ctx); err != nil {
		return err
	}
	c.grid = grid.New(grid.Config{Subscriptions: c.subscriptions(), StateFile: c.file("events.json"), Speed: c.options.Speed,
		DeadLetter: func(ctx context.Context, name string, body []byte) error {
			return c.front.Put(ctx, stateAccount, deadLetters, name, "application/json", body)
		},
		Authorize: c.managed.Authorize("https://eventgrid.azure.net"), Log: c.log})
	c.defender = defender.New(defender.Config{Accounts: c.layout.scanned(), Hash: c.backend.Hash, Tag: c.backend.SetTags, Publish: func(topic string, e event.Event) { c.grid.Emit(topic, e) }, Log: c.log, StateFile: c.file("scans.json"),
		Read: func(ctx context.Context, account, container, name string, limit int64) (defender.Blob, error) {
			text, etag, err := c.backend.Read(ctx, account, container, name, limit)
			return defender.Blob{Body: text, ETag: etag}, err
		}})
	return nil
}

// subscriptions are the ones Terraform makes in Azure.
func (c *Cloud) subscriptions() []grid.Subscription {
	base := c.ports.url(portAPI)
	function := func(topic, name, eventType string) grid.Subscription {
		return grid.Subscription{Name: topic + "-" + name, Topic: topic, EventTypes: []string{eventType}, AzureFunction: true, Endpoint: c.host.EventGridEndpoint(base, name)}
	}
	subs := []grid.Subscription{
		function(statusChanged, "OnStatusChanged", "statusChanged"),
		function(stepResult, "OnStepResult", "Airlock.StepResult"),
		function(dataDeletion, "OnDataDeletion", "Airlock.DataDeletion"),
		function(scanResult, "OnScanResult", event.ScanResult),
		{Name: "notification-logicapp", Topic: notification, EventTypes: []string{"airlockNotification"}, Endpoint: c.ports.url(portControl) + "/logicapp/webhook"},
		{Name: "dead-letters", Topic: stateAccount, EventTypes: []string{event.BlobCreated}, NoDeadLetters: true,
			SubjectBeginsWith: "/blobServices/default/containers/" + deadLetters + "/", Endpoint: c.host.BlobsEndpoint(base, "OnDeadLetter")},
	}
	if c.clamAV != nil {
		subs = append(subs, c.gateSubscription())
	}
	for account, beginnings := range c.layout.receivers() {
		s := function(account, "OnBlobCreated", event.BlobCreated)
		s.SubjectBeginsWithAny = beginnings
		subs = append(subs, s)
	}
	return subs
}

// startHandler starts the Functions host with the handler and waits until it answers.
func (c *Cloud) startHandler(ctx context.Context) error {
	c.say("starting the Functions host with the handler")
	if err := c.writeEnvironment(); err != nil {
		return err
	}
	c.parts.run("the Functions host", c.host.Run)
	select {
	case <-c.host.Ready():
	case <-ctx.Done():
		return ctx.Err()
	case err := <-c.parts.failed:
		return err
	case <-c.host.GaveUp():
		return fmt.Errorf("the handler ends as soon as it is started; it said:\n%s", strings.Join(c.host.LastOutput(), "\n"))
	case <-time.After(handlerStartLimit):
		return fmt.Errorf("the handler does not answer; its log is %s", c.logFile.Name())
	}
	// Deliveries start when there is somebody to deliver to; events published meanwhile wait.
	c.parts.run("Event Grid", c.grid.Run)
	if c.clamAV != nil {
		c.parts.run("ClamAV", c.runGate)
	}
	c.parts.run("Defender", c.defender.Run)
	c.endpoints = Endpoints{API: c.ports.url(portAPI) + "/api", Host: c.ports.url(portAPI), Blob: c.ports.url(portBlob) + "/{account}",
		CAFile: c.ca.File, Proxy: c.ports.url(portProxy), Issuer: c.issuer.URL(), TokenURL: c.issuer.TokenEndpoint(), Tenant: identity.Tenant,
		Audiences: map[string]string{"core": identity.CoreClientID}, Workspaces: map[string]string{}, Accounts: c.layout.accounts(), Compact: c.layout,
		Control: c.ports.url(portControl), LogFile: c.logFile.Name(), PID: os.Getpid(), HandlerPID: c.file("handler.pid")}
	slices.Sort(c.endpoints.Accounts)
	for _, w := range identity.Workspaces() {
		c.endpoints.Audiences[w.Name], c.endpoints.Workspaces[w.Name] = w.ClientID, w.ID
	}
	return nil
}
