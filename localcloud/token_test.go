package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/identity"
)

func TestWhichAudienceATokenIsFor(t *testing.T) {
	genomics, err := identity.FindWorkspace("genomics")
	require.NoError(t, err)
	imaging, err := identity.FindWorkspace("imaging")
	require.NoError(t, err)
	for _, c := range []struct {
		persona, workspace string
		core               bool
		want               string
	}{
		{"researcher", "", false, genomics.ClientID},
		{"researcher2", "imaging", false, imaging.ClientID},
		{"manager", imaging.ID, false, imaging.ClientID},
		{"researcher", "", true, identity.CoreClientID},
		{"admin", "", false, identity.CoreClientID},
		{"admin", "genomics", false, genomics.ClientID},
	} {
		a, err := chooseAudience(c.persona, c.workspace, c.core)
		require.NoError(t, err)
		require.Equal(t, c.want, a.ID, c)
	}
	_, err = chooseAudience("", "genomics", true)
	require.ErrorContains(t, err, "exclude")
	_, err = chooseAudience("", "physics", false)
	require.ErrorContains(t, err, "there are genomics, imaging")
}
