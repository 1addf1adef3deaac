package main

import (
	"encoding/json"
	"slices"

	"github.com/spf13/cobra"

	"example.org/airlock/client"
	"example.org/airlock/client/signin"
)

// oneResult is a result that the program made itself.
func oneResult(object any, id, text string) result {
	raw, err := json.Marshal(object)
	if err != nil {
		panic(err) // our own types always can be
	}
	return result{objects: []json.RawMessage{raw}, ids: []string{id}, text: text}
}

func (a *app) contextCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "context",
		Short: "Choose between airlocks and sign-ins",
		Long: `A context is an airlock with a way to sign in and a workspace to begin with. login makes
one. --context NAME or AIRLOCK_CONTEXT uses another one for a single command.`,
		Example: "  airlock context list\n  airlock context use nightly",
	}
	list := &cobra.Command{Use: "list", Short: "List the contexts", Example: "  airlock context list", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.listContexts() }}
	use := &cobra.Command{Use: "use NAME", Short: "Use a context from now on", Example: "  airlock context use nightly", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeContexts,
		RunE: func(_ *cobra.Command, args []string) error {
			if _, ok := a.config.find(args[0]); !ok {
				return fail(exitNotFound, "there is no context %q; `airlock context list` shows those there are", args[0])
			}
			a.config.Current = args[0]
			return a.config.write()
		}}
	rm := &cobra.Command{Use: "rm NAME", Short: "Remove a context", Example: "  airlock context rm nightly", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeContexts,
		RunE: func(_ *cobra.Command, args []string) error { return a.forget(args[0]) }}
	c.AddCommand(list, use, a.setContextCommand(), rm)
	return c
}

func (a *app) listContexts() error {
	r := result{list: true, table: table{head: []string{"", "NAME", "AIRLOCK", "SIGN-IN", "WORKSPACE"}, elastic: 2}}
	for _, p := range a.config.Contexts {
		raw, err := json.Marshal(map[string]any{"name": p.Name, "url": p.URL, "auth": p.Auth, "workspace": p.Workspace, "current": p.Name == a.config.Current})
		if err != nil {
			return err
		}
		mark := ""
		if p.Name == a.config.Current {
			mark = "*"
		}
		r.objects, r.ids = append(r.objects, raw), append(r.ids, p.Name)
		r.table.add(mark, p.Name, p.URL, string(p.Auth), p.Workspace)
	}
	return a.show(r)
}

func (a *app) setContextCommand() *cobra.Command {
	var url, auth, command string
	c := &cobra.Command{Use: "set NAME", Short: "Make or change a context without signing in",
		Long:    "Make or change a context by hand, for scripts and images; nothing is asked and nobody signs in.",
		Example: "  airlock context set nightly --url https://airlock.example.org/api --auth managed-identity",
		Args:    cobra.ExactArgs(1), ValidArgsFunction: a.completeContexts}
	c.Flags().StringVar(&url, "url", "", "address of the airlock")
	c.Flags().StringVar(&auth, "auth", "", "user, managed-identity, workload-identity, azure-cli or token-command")
	c.Flags().StringVar(&command, "token-command", "", "program that prints a token")
	c.RunE = func(_ *cobra.Command, args []string) error {
		p := place{Name: args[0], Auth: signin.AzureCLI}
		if old, ok := a.config.find(args[0]); ok {
			p = *old
		}
		p.URL, p.TokenCommand = first(url, p.URL), first(command, p.TokenCommand)
		p.Auth, p.Workspace = signin.Kind(first(auth, string(p.Auth))), first(a.flags.workspace, p.Workspace)
		if command != "" {
			p.Auth = signin.TokenCommand
		}
		if !slices.Contains([]signin.Kind{signin.User, signin.ManagedIdentity, signin.WorkloadIdentity, signin.AzureCLI, signin.TokenCommand}, p.Auth) {
			return wrongUsage("--auth %s is no way to sign in", p.Auth)
		}
		if _, err := client.ParseBase(p.URL); err != nil {
			return &exitError{exitUsage, err}
		}
		a.config.put(p)
		a.config.Current = first(a.config.Current, p.Name)
		return a.config.write()
	}
	return c
}

// forget removes a context.
func (a *app) forget(name string) error {
	i := slices.IndexFunc(a.config.Contexts, func(p place) bool { return p.Name == name })
	if i < 0 {
		return fail(exitNotFound, "there is no context %q; `airlock context list` shows those there are", name)
	}
	a.config.Contexts = slices.Delete(a.config.Contexts, i, i+1)
	if a.config.Current == name {
		a.config.Current = ""
	}
	return a.config.write()
}

func (a *app) completeContexts(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if dirs, err := findDirs(a.getenv); err == nil {
		if c, err := readConfig(dirs.config); err == nil {
			for _, p := range c.Contexts {
				names = append(names, p.Name)
			}
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
