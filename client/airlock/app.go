package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"example.org/airlock/client"
	"example.org/airlock/client/signin"
)

// app is one run of the program.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	flags          flags

	dirs      dirs
	config    *config
	place     *place // in use
	known     *known
	transport http.RoundTripper
	tokens    client.Tokens
	api       *client.Client
	running   bool // the command line was understood
}

// flags are those of all commands.
type flags struct {
	context, workspace, output, jq string
	debug, noColor                 bool
}

func newApp(stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) *app {
	return &app{stdin: stdin, stdout: stdout, stderr: stderr, getenv: getenv}
}

// run is the program: it returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	err := root.ExecuteContext(ctx)
	if ctx.Err() != nil && err != nil {
		err = context.Canceled
	}
	if err != nil && !a.running && !as[*exitError](err) { // Cobra's
		err = &exitError{exitUsage, err}
	}
	a.known.write()
	a.report(err)
	return codeOf(err)
}

// prepare runs before every command.
func (a *app) prepare(*cobra.Command, []string) (err error) {
	if a.dirs, err = findDirs(a.getenv); err != nil {
		return err
	}
	if err := a.checkOutput(); err != nil {
		return err
	}
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	base.MaxIdleConnsPerHost = 16
	a.transport = base
	if a.flags.debug {
		a.transport = &debugger{next: base, log: a.stderr}
	}
	if a.config, err = readConfig(a.dirs.config); err != nil {
		err = &exitError{exitFailed, err}
	}
	return err
}

// choose finds the context to use: --context, AIRLOCK_CONTEXT, or the current one.
// AIRLOCK_URL names an airlock without any.
func (a *app) choose() (*place, error) {
	if a.place != nil {
		return a.place, nil
	}
	name := first(a.flags.context, a.getenv("AIRLOCK_CONTEXT"))
	if name == "" && a.getenv("AIRLOCK_URL") != "" {
		a.place = &place{URL: a.getenv("AIRLOCK_URL"), Auth: signin.AzureCLI}
		return a.place, nil
	}
	if name == "" {
		name = a.config.Current
	}
	if name == "" {
		return nil, fail(exitSignIn, "you have not signed in to an airlock yet; do it with `airlock login URL`")
	}
	found, ok := a.config.find(name)
	if !ok {
		return nil, wrongUsage("there is no context %q; `airlock context list` shows those there are", name)
	}
	a.place = found
	return found, nil
}

// connect returns the client of the context in use.
func (a *app) connect() (*client.Client, error) {
	if a.api != nil {
		return a.api, nil
	}
	p, err := a.choose()
	if err != nil {
		return nil, err
	}
	return a.open(*p)
}

// open makes the client of a context.
func (a *app) open(p place) (*client.Client, error) {
	tokens, err := a.source(p)
	if err != nil {
		return nil, err
	}
	api, err := client.New(p.URL, a.transport, tokens)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	u, err := url.Parse(api.URL())
	if err != nil {
		return nil, err
	}
	a.known = readKnown(a.dirs.state, u.Host)
	a.place, a.api, a.tokens = &p, api, tokens
	return api, nil
}

// source is where the tokens of a context come from.
func (a *app) source(p place) (client.Tokens, error) {
	if token := a.getenv("AIRLOCK_TOKEN"); token != "" {
		return signin.Fixed(token), nil
	}
	return signin.New(a.signIn(p))
}

// signIn describes how a context signs in.
func (a *app) signIn(p place) signin.Config {
	c := signin.Config{Kind: p.Auth, Tenant: p.Tenant, Authority: p.Authority, ClientID: p.ClientID, Account: p.Account, Command: p.TokenCommand,
		HTTP: &http.Client{Transport: a.transport}, Scope: a.scope}
	if !p.NoCache {
		c.CacheFile = a.tokenFile()
	}
	return c
}

func (a *app) tokenFile() string { return filepath.Join(a.dirs.state, "tokens.bin") }

// scope finds the scope of an audience's tokens.
func (a *app) scope(ctx context.Context, of client.Audience) (string, error) {
	if of.Workspace == "" {
		if a.place.RootScope == "" {
			metadata, err := a.api.Metadata(ctx)
			if err != nil {
				return "", err
			}
			a.place.RootScope = metadata.RootScope
		}
		return a.place.RootScope, nil
	}
	for _, w := range a.known.Workspaces {
		if w.ID == of.Workspace && w.Scope != "" {
			return w.Scope, nil
		}
	}
	w, err := a.api.Workspace(ctx, of.Workspace, client.Audience{})
	return w.Properties.ScopeID, err
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// say tells people something; it goes to stderr, so that results stay alone on stdout.
func (a *app) say(format string, args ...any) {
	fmt.Fprint(a.stderr, a.fitting(a.stderr, visible(fmt.Sprintf(format, args...))+"\n", 0))
}
