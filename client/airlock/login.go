package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"example.org/airlock/client"
	"example.org/airlock/client/signin"
)

// loginOptions are the flags of login.
type loginOptions struct {
	name, clientID, command                 string
	deviceCode, managed, workload, azureCLI bool
	noCache                                 bool
}

func (a *app) loginCommand() *cobra.Command {
	var o loginOptions
	c := &cobra.Command{
		Use:   "login [URL]",
		Short: "Sign in to an airlock",
		Long: `Sign in to the airlock at URL, and remember it as a context. The address is the one
that your TRE tells you; that of its pages does as well. Without URL it signs in to the present one again.

People sign in in the browser, or, on a machine without one (or with --device-code), with
a code that they type in any browser elsewhere. Programs use one of the other ways.

A token command prints a token; {workspace} in it becomes the workspace's id (or "core"),
{scope} the scope to ask for. AIRLOCK_TOKEN=TOKEN goes before any of this.`,
		Example: `  airlock login https://airlock.example.org/api
  airlock login https://airlock.example.org/api --azure-cli -w genomics
  airlock login https://airlock.example.org/api --name nightly --managed-identity
  airlock login http://127.0.0.1:7071/api --token-command 'build/localcloud token --as researcher --workspace {workspace}'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.login(c.Context(), args, o) },
	}
	f := c.Flags()
	f.StringVar(&o.name, "name", "", "name of the context (default: the first part of the address)")
	f.BoolVar(&o.deviceCode, "device-code", false, "type a code in a browser elsewhere")
	f.BoolVar(&o.managed, "managed-identity", false, "as this machine's managed identity (a user-assigned one: --client-id)")
	f.BoolVar(&o.workload, "workload-identity", false, "as the federated identity of a pipeline or pod")
	f.BoolVar(&o.azureCLI, "azure-cli", false, "as whoever is signed in to the Azure CLI")
	f.StringVar(&o.command, "token-command", "", "run a program that prints a token")
	f.StringVar(&o.clientID, "client-id", "", "application to sign in with, where the airlock does not say")
	f.BoolVar(&o.noCache, "no-cache", false, "keep no tokens on this machine: sign in again for each command")
	c.MarkFlagsMutuallyExclusive("device-code", "managed-identity", "workload-identity", "azure-cli", "token-command")
	return c
}

func (o loginOptions) kind() signin.Kind {
	switch {
	case o.managed:
		return signin.ManagedIdentity
	case o.workload:
		return signin.WorkloadIdentity
	case o.azureCLI:
		return signin.AzureCLI
	case o.command != "":
		return signin.TokenCommand
	}
	return signin.User
}

// asked reports whether the flags say how to sign in.
func (o loginOptions) asked() bool { return o.kind() != signin.User || o.deviceCode }

func (a *app) login(ctx context.Context, args []string, o loginOptions) error {
	p, err := a.newPlace(ctx, args, o)
	if err != nil {
		return err
	}
	api, err := a.open(p)
	if err != nil {
		return err
	}
	if person, ok := a.tokens.(*signin.Person); ok {
		if a.place.Account, err = person.SignIn(ctx, client.Audience{}, o.deviceCode || !hasBrowser(a.getenv), a.stderr); err != nil {
			return err
		}
	}
	all, err := api.Workspaces(ctx)
	if problem, ok := errors.AsType[*client.Problem](err); ok && problem.Status == http.StatusForbidden {
		a.say("Signed in, but not to the list of workspaces: %s", problem.Detail)
	} else if err != nil {
		return err
	}
	a.known.setWorkspaces(all)
	if err := a.chooseWorkspace(ctx, all); err != nil {
		return err
	}
	a.config.put(*a.place)
	a.config.Current = a.place.Name
	if err := a.config.write(); err != nil {
		return err
	}
	return a.whoami(ctx)
}

// newPlace is the context to sign in to, as the service and the flags describe it.
func (a *app) newPlace(ctx context.Context, args []string, o loginOptions) (place, error) {
	var p place
	if len(args) == 0 {
		old, err := a.choose()
		if err != nil {
			return p, wrongUsage("where? `airlock login URL`: your TRE tells you the address")
		}
		p = *old
		if !o.asked() {
			return p, nil
		}
		args = []string{p.URL}
	}
	base, err := client.ParseBase(args[0])
	if err != nil {
		return p, &exitError{exitUsage, err}
	}
	metadata, err := a.metadata(ctx, base)
	if err != nil {
		return p, err
	}
	return place{Name: first(o.name, p.Name, contextName(base)), URL: base.String(), Auth: o.kind(), TokenCommand: o.command, NoCache: o.noCache,
		ClientID: o.client(metadata), Tenant: metadata.Tenant, Authority: authority(metadata), RootScope: metadata.RootScope}, nil
}

// metadata asks an airlock how to sign in. The end of its address, which people leave
// out, is added to base where it helps.
func (a *app) metadata(ctx context.Context, base *url.URL) (client.Metadata, error) {
	open, err := client.New(base.String(), a.transport, signin.Fixed(""))
	if err != nil {
		return client.Metadata{}, &exitError{exitUsage, err}
	}
	metadata, err := open.Metadata(ctx)
	if problem, ok := errors.AsType[*client.Problem](err); ok && problem.Status == http.StatusNotFound && base.Path == "" {
		base.Path = "/api"
		if found, errFound := a.metadata(ctx, base); errFound == nil {
			return found, nil
		}
	}
	return metadata, err
}

// client is the application to sign in with: people's, or a user-assigned identity.
func (o loginOptions) client(m client.Metadata) string {
	if o.kind() != signin.User {
		return o.clientID
	}
	return first(o.clientID, m.Portal.ClientID)
}

// authority is where people sign in, if it is not the tenant's place in the public
// cloud. A local cloud names one that only browsers know.
func authority(m client.Metadata) string {
	u, err := url.Parse(m.Portal.Authority)
	if err != nil || u.Scheme != "https" || net.ParseIP(u.Hostname()) != nil || u.Hostname() == "localhost" {
		return ""
	}
	return m.Portal.Authority
}

// chooseWorkspace is the workspace to begin with: the one named, or the only one.
func (a *app) chooseWorkspace(ctx context.Context, all []client.Workspace) error {
	if a.flags.workspace != "" {
		id, err := a.workspaceOf(ctx, "")
		a.place.Workspace = id
		return err
	}
	if len(all) == 1 {
		a.place.Workspace = all[0].ID
	}
	return nil
}

func contextName(u *url.URL) string {
	host := u.Hostname()
	if net.ParseIP(host) != nil || host == "localhost" {
		return "local"
	}
	name, _, _ := strings.Cut(host, ".")
	return name
}

// hasBrowser guesses whether a browser can open here.
func hasBrowser(getenv func(string) string) bool {
	if getenv("SSH_CONNECTION") != "" || getenv("SSH_TTY") != "" {
		return false
	}
	return runtime.GOOS != "linux" || getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != ""
}

func (a *app) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Forget the sign-in of the context in use",
		Long: `Forget the tokens of the context in use, and the context. Tokens that a program has are
good until they end by themselves, within two hours.`,
		Example: "  airlock logout",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := a.choose()
			if err != nil {
				return err
			}
			if _, err := a.open(*p); err == nil {
				if person, ok := a.tokens.(*signin.Person); ok {
					if err := person.SignOut(c.Context()); err != nil {
						return fmt.Errorf("the tokens could not be removed; delete %s by hand: %w", a.tokenFile(), err)
					}
				}
			}
			return a.forget(p.Name)
		},
	}
}

func (a *app) whoamiCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "whoami",
		Short:   "Show who you are signed in as, and where",
		Long:    "Show who you are signed in as, at which airlock, and what your roles are.",
		Example: "  airlock whoami",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if _, err := a.connect(); err != nil {
				return err
			}
			return a.whoami(c.Context())
		},
	}
}

// identity is the answer of whoami.
type identity struct {
	Context   string   `json:"context"`
	URL       string   `json:"url"`
	Auth      string   `json:"auth"`
	Name      string   `json:"name"`
	ID        string   `json:"id"`
	Roles     []string `json:"roles"`
	Workspace string   `json:"workspace,omitempty"`
	Here      []string `json:"workspaceRoles,omitempty"`
}

func (a *app) whoami(ctx context.Context) error {
	token, err := a.tokens.Token(ctx, client.Audience{}, false)
	if err != nil {
		return err
	}
	said := signin.Claims(token)
	me := identity{Context: a.place.Name, URL: a.api.URL(), Auth: string(a.place.Auth), Name: first(said.Name, said.ID), ID: said.ID, Roles: said.Roles}
	var f facts
	f.add("You", strings.TrimSpace(me.Name+" "+said.Mail))
	f.add("Roles", strings.Join(me.Roles, ", "))
	f.add("Airlock", me.URL+" (context "+me.Context+", by "+me.Auth+")")
	if w, err := a.workspaceOf(ctx, ""); err == nil {
		me.Workspace = w
		roles := ""
		if token, err := a.tokens.Token(ctx, client.Audience{Workspace: w}, false); err == nil {
			me.Here = signin.Claims(token).Roles
			roles = strings.Join(me.Here, ", ")
		} else if ctx.Err() != nil {
			return ctx.Err()
		}
		f.add("Workspace", a.known.name(w)+" ("+first(roles, "no roles of yours")+")")
	} else {
		f.add("Workspace", "none chosen: `airlock workspace use NAME`")
	}
	return a.show(oneResult(me, me.ID, f.b.String()))
}
