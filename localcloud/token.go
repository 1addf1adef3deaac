package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/identity"
)

// defaultWorkspace is the one all personas belong to.
const defaultWorkspace = "genomics"

// token prints a bearer token for a persona. It signs with the key in DIR, so the cloud need not be up.
func token(_ context.Context, args []string, stdout, stderr io.Writer) error {
	set, dir := flags("token", stderr)
	as := set.String("as", "", "who asks: researcher, researcher2, owner, manager, manager2, researcher-manager, admin")
	workspace := set.String("workspace", "", "workspace name or id (default: "+defaultWorkspace+"; for admin the core API)")
	core := set.Bool("core", false, "a token for the core API")
	if err := parse(set, args); err != nil {
		return err
	}
	if *as == "" {
		return errors.New("--as PERSONA is missing")
	}
	persona, err := identity.FindPersona(*as)
	if err != nil {
		return err
	}
	audience, err := chooseAudience(persona, *workspace, *core)
	if err != nil {
		return err
	}
	issuer, err := cloud.IssuerIn(*dir)
	if err != nil {
		return err
	}
	text, err := issuer.PersonToken(persona, audience)
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, text)
	return nil
}

func chooseAudience(p identity.Persona, workspace string, core bool) (identity.Audience, error) {
	switch {
	case core && workspace != "":
		return identity.Audience{}, errors.New("--core and --workspace exclude each other")
	case core, workspace == "" && p.Name == "admin":
		return identity.CoreAudience(), nil
	case workspace == "":
		workspace = defaultWorkspace
	}
	w, err := identity.FindWorkspace(workspace)
	return w.Audience(), err
}
