package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/httpapi"
)

func TestSignIn(t *testing.T) {
	c, err := readConfig(goodEnviron())
	require.NoError(t, err)
	assert.Equal(t, httpapi.SignIn{ClientID: "c", Authority: "https://login.example/t", KnownAuthorities: []string{"login.example"},
		LinkHosts: []string{"https://*.blob.core.windows.net"}}, signIn(c))

	c, err = readConfig(append(goodEnviron(), "AIRLOCK_TOKEN_ISSUER=http://127.0.0.1:1/t/v2.0", "AIRLOCK_LINK_BASE=http://127.0.0.1:2/{account}"))
	require.NoError(t, err)
	assert.Equal(t, httpapi.SignIn{ClientID: "c", Authority: "https://login.microsoftonline.com/t", KnownAuthorities: []string{"login.microsoftonline.com"},
		LinkHosts: []string{"http://127.0.0.1:2"},
		Endpoints: &httpapi.SignInEndpoints{Issuer: "http://127.0.0.1:1/t/v2.0", Authorization: "http://127.0.0.1:1/t/oauth2/v2.0/authorize",
			Token: "http://127.0.0.1:1/t/oauth2/v2.0/token", Device: "http://127.0.0.1:1/t/oauth2/v2.0/devicecode",
			EndSession: "http://127.0.0.1:1/t/oauth2/v2.0/logout", Keys: "http://127.0.0.1:1/t/discovery/v2.0/keys"}}, signIn(c))
}
