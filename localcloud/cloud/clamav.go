package cloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"example.org/airlock/client"
	"example.org/airlock/client/gate"
	"example.org/airlock/localcloud/clamav"
	"example.org/airlock/localcloud/grid"
	"example.org/airlock/localcloud/identity"
)

// clamAV is the application that speaks for the gate of that name.
const clamAV = "clamav"

// makeGate makes ClamAV an external gate, where it is installed. Policies make use of it
// by a gate with the id clamav and the object id of the application in callers.
func (c *Cloud) makeGate(ctx context.Context) error {
	app, err := identity.FindApplication(clamAV)
	if err != nil {
		return err
	}
	engine, err := clamav.New(ctx, c.file("clamav"))
	if errors.Is(err, clamav.ErrMissing) {
		c.say("%v: the external gate %q does not answer", err, clamAV)
		return nil
	}
	if err != nil {
		return fmt.Errorf("clamav: %w", err)
	}
	folder := c.file("clamav", "files")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	api, err := client.New(c.ports.url(portAPI)+"/api", http.DefaultTransport, tokensOf{c.issuer, clamAV})
	if err != nil {
		return err
	}
	c.clamAV = gate.New(gate.Config{API: api, Transport: http.DefaultTransport, Engine: engine.Name(), Judge: engine.Judge, Folder: folder, Log: c.log})
	c.say("ClamAV %s is the external gate %q (caller %s)", engine.Name().Version, clamAV, app.ObjectID)
	return nil
}

// runGate does the gate's work.
func (c *Cloud) runGate(ctx context.Context) error {
	c.clamAV.Run(ctx)
	return ctx.Err()
}

// gateSubscription sends the gate its events.
func (c *Cloud) gateSubscription() grid.Subscription {
	return grid.Subscription{Name: "gates-" + clamAV, Topic: gates, EventTypes: []string{"Airlock.GateRequested"}, SubjectEndsWith: "/gate/" + clamAV,
		Endpoint: c.ports.url(portControl) + "/clamav"}
}

// tokensOf gets tokens for an application of the core.
type tokensOf struct {
	issuer identity.Issuer
	name   string
}

func (t tokensOf) Token(context.Context, client.Audience, bool) (string, error) {
	return t.issuer.Token(t.name, identity.CoreAudience())
}
