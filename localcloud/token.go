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

// token prints a bearer token for a persona or an application. It signs with the key in DIR, so the cloud need not be up.
func token(_ context.Context, args []string, stdout, stderr io.Writer) error {
	set, dir := flags("token", stderr)
	as := set.String("as", "", "who asks: researcher, researcher2, owner, manager, manager2, manager3, senior, researcher-manager, admin; or an application: pipeline, robot")
	workspace := set.String("workspace", "", "workspace name or id, or core (default: "+defaultWorkspace+"; for admin the core API)")
	core := set.Bool("core", false, "a token for the core API")
	id := set.Bool("id", false, "an ID token, which no API may take")
	if err := parse(set, args); err != nil {
		return err
	}
	if *as == "" {
		return errors.New("--as PERSONA is missing")
	}
	audience, err := chooseAudience(*as, *workspace, *core)
	if err != nil {
		return err
	}
	issuer, err := cloud.IssuerIn(*dir)
	if err != nil {
		return err
	}
	mint := issuer.Token
	if *id {
		mint = issuer.IDToken
	}
	text, err := mint(*as, audience)
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, text)
	return nil
}

func chooseAudience(who, workspace string, core bool) (identity.Audience, error) {
	switch {
	case core && workspace != "":
		return identity.Audience{}, errors.New("--core and --workspace exclude each other")
	case core, workspace == "core", workspace == "" && who == "admin":
		return identity.CoreAudience(), nil
	case workspace == "":
		workspace = defaultWorkspace
	}
	w, err := identity.FindWorkspace(workspace)
	return w.Audience(), err
}
