package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// goodEnviron has every required setting.
func goodEnviron() []string {
	return []string{
		"FUNCTIONS_CUSTOMHANDLER_PORT=0", "PATH=/bin",
		"AIRLOCK_TABLE_ENDPOINT=https://state.table.core.windows.net",
		"AIRLOCK_ACCOUNT_STALIMEX=stalimex", "AIRLOCK_ACCOUNT_STALIMIP=stalimip", "AIRLOCK_ACCOUNT_STALIMREJ=stalimrej",
		"AIRLOCK_ACCOUNT_STALIMBLOCKED=stalimblocked", "AIRLOCK_ACCOUNT_STALEXAPP=stalexapp",
		"AIRLOCK_TOPIC_STATUS_CHANGED=https://a.eventgrid.azure.net/api/events", "AIRLOCK_TOPIC_NOTIFICATION=https://b.eventgrid.azure.net/api/events",
		"AIRLOCK_TOPIC_STEP_RESULT=https://c.eventgrid.azure.net/api/events", "AIRLOCK_TOPIC_DATA_DELETION=https://d.eventgrid.azure.net/api/events", "AIRLOCK_TOPIC_GATES=https://g.eventgrid.azure.net/api/events",
		"AIRLOCK_TOKEN_ISSUER=https://login.example/t/v2.0", "AIRLOCK_TENANT_ID=t", "AIRLOCK_API_AUDIENCE=a", "AIRLOCK_API_ROOT_SCOPE=api://a",
		"AIRLOCK_API_CLIENT_ID=c", "AIRLOCK_EVIDENCE_ACCOUNT=evidence", "AIRLOCK_STATE_KEY=https://v.vault.azure.net/secrets/anchor",
		"AIRLOCK_SIGNING_KEY=file:///etc/signing.pem", "AIRLOCK_REQUEST_URL=https://tre.example/w/{workspace_id}/r/{request_id}",
	}
}

func TestConfigDefaults(t *testing.T) {
	c, err := readConfig(goodEnviron())
	require.NoError(t, err)
	assert.Equal(t, "https://{account}.blob.core.windows.net", c.LinkBase)
	assert.Equal(t, "graph", c.Directory)
	assert.Equal(t, "30s", c.ReconcileGrace.String())
	assert.False(t, c.PlainErrors)
}

func TestConfigNamesEveryProblemAtOnce(t *testing.T) {
	_, err := readConfig([]string{"AIRLOCK_RECONCILE_GRACE=0s", "AIRLOCK_DIRECTORY=phonebook", "AIRLOCK_PLAIN_ERRORS=yes", "AIRLOCK_BACKGROUND=no", "AIRLOCK_LINK_BSAE=x"})
	require.Error(t, err)
	for _, want := range []string{
		"AIRLOCK_LINK_BSAE: unknown setting", "AIRLOCK_TABLE_ENDPOINT: missing", "AIRLOCK_RECONCILE_GRACE: must be",
		"AIRLOCK_DIRECTORY: must be one of", "AIRLOCK_PLAIN_ERRORS: must be one of false, true", "AIRLOCK_BACKGROUND: must be one of true, false", "AIRLOCK_ACCOUNT_STALEXAPP: missing", "FUNCTIONS_CUSTOMHANDLER_PORT: missing",
	} {
		assert.ErrorContains(t, err, want)
	}
}

func TestConfigRefuses(t *testing.T) {
	tests := map[string]struct{ setting, want string }{
		"plain-text storage":            {"AIRLOCK_TABLE_ENDPOINT=http://state.table.core.windows.net", "must be a plain https URL"},
		"credentials in a URL":          {"AIRLOCK_TOKEN_ISSUER=https://u:p@login.example/", "must be a plain"},
		"signature in a URL":            {"AIRLOCK_TABLE_ENDPOINT=https://x/?sig=1", "must be a plain https URL"},
		"no account name":               {"AIRLOCK_EVIDENCE_ACCOUNT=Not_A_Name", "must be a storage account's name"},
		"two stages in one account":     {"AIRLOCK_ACCOUNT_STALIMREJ=stalimip", "must not be the same account"},
		"all core stages in one":        {"AIRLOCK_ACCOUNT_STALIMEX=stalimip", "must not be the same account"},
		"state in a stage account":      {"AIRLOCK_ACCOUNT_STALIMREJ=evidence", "must not be the same account"},
		"an issuer on the way":          {"AIRLOCK_TOKEN_ISSUER=http://login.example/t", "must be https"},
		"signed links on the way":       {"AIRLOCK_LINK_BASE=http://{account}.example", "must be https"},
		"signed links to a host name":   {"AIRLOCK_LINK_BASE=http://localhost:8080/{account}", "must be https, except to a loopback address"},
		"a link base for all accounts":  {"AIRLOCK_LINK_BASE=https://blobs.example", "{account}"},
		"a key in the setting":          {"AIRLOCK_STATE_KEY=c2VjcmV0", "must be file:"},
		"a request URL for everything":  {"AIRLOCK_REQUEST_URL=https://tre.example", "{workspace_id}"},
		"a grace that waits for an age": {"AIRLOCK_RECONCILE_GRACE=2h", "must be a duration"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			setting, _, _ := strings.Cut(tt.setting, "=")
			var environ []string
			for _, kv := range goodEnviron() {
				if !strings.HasPrefix(kv, setting+"=") {
					environ = append(environ, kv)
				}
			}
			_, err := readConfig(append(environ, tt.setting))
			assert.ErrorContains(t, err, tt.want)
		})
	}
}
