package story

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/identity"
)

// Cloud is a running local cloud as people and tests reach it.
type Cloud struct {
	cloud.Endpoints
	Dir    string
	Ground *ground.Ground

	issuer identity.Issuer
	client *http.Client
	mu     sync.Mutex
	tokens map[caller]string
}

// caller is a persona with the audience of a token; workspace "" is the core API.
type caller struct{ persona, workspace string }

// Open connects to the local cloud that is up in dir.
func Open(dir string) (*Cloud, error) {
	endpoints, err := cloud.ReadEndpoints(dir)
	if err != nil {
		return nil, err
	}
	issuer, err := cloud.IssuerIn(dir)
	if err != nil {
		return nil, err
	}
	g, err := ground.Open(dir)
	if err != nil {
		return nil, err
	}
	// No time limit here: every call has its own. Past any proxy in our own environment: everything is on loopback.
	// Stored bytes are looked at raw, whatever their headers say.
	client := &http.Client{Transport: &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 64, IdleConnTimeout: 3 * time.Second, DisableCompression: true}}
	return &Cloud{Endpoints: endpoints, Dir: dir, Ground: g, issuer: issuer, client: client, tokens: map[caller]string{}}, nil
}

// Start runs a local cloud of our own until stop is called, which returns how it ended.
func Start(ctx context.Context, o cloud.Options) (c *Cloud, stop func() error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- cloud.Run(ctx, o, func(cloud.Endpoints) { close(ready) }) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	select {
	case <-ready:
	case err := <-ended:
		cancel()
		if err == nil {
			err = errors.New("the local cloud ended before it was ready")
		}
		return nil, nil, err
	}
	if c, err = Open(o.Dir); err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	return c, stop, nil
}

// Token returns a token for a persona or an application, for a workspace by name or, with "", for the core API.
func (c *Cloud) Token(persona, workspace string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	who := caller{persona, workspace}
	if token := c.tokens[who]; token != "" {
		return token, nil
	}
	audience := identity.CoreAudience()
	if workspace != "" {
		w, err := identity.FindWorkspace(workspace)
		if err != nil {
			return "", err
		}
		audience = w.Audience()
	}
	token, err := c.issuer.Token(persona, audience)
	if err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	c.tokens[who] = token
	return token, nil
}
