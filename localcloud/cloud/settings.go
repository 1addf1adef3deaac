package cloud

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"example.org/airlock/localcloud/identity"
)

// settings are the handler's app settings, all it takes to lead the production binary here.
func settings(dir string, p *ports, core map[string]string) map[string]string {
	identityBased := func(prefix string) map[string]string {
		return map[string]string{
			prefix + "__blobServiceUri": "https://" + stateAccount + ".blob.core.windows.net", prefix + "__queueServiceUri": "https://" + stateAccount + ".queue.core.windows.net",
			prefix + "__tableServiceUri": "https://" + stateAccount + ".table.core.windows.net", prefix + "__credential": "managedidentity",
		}
	}
	s := map[string]string{
		"AIRLOCK_TABLE_ENDPOINT":        "https://" + stateAccount + ".table.core.windows.net",
		"AIRLOCK_ACCOUNT_STALIMEX":      core["stalimex"],
		"AIRLOCK_ACCOUNT_STALIMIP":      core["stalimip"],
		"AIRLOCK_ACCOUNT_STALIMREJ":     core["stalimrej"],
		"AIRLOCK_ACCOUNT_STALIMBLOCKED": core["stalimblocked"],
		"AIRLOCK_ACCOUNT_STALEXAPP":     core["stalexapp"],
		"AIRLOCK_LINK_BASE":             p.url(portBlob) + "/{account}",
		"AIRLOCK_TOPIC_STATUS_CHANGED":  topicEndpoint(statusChanged),
		"AIRLOCK_TOPIC_NOTIFICATION":    topicEndpoint(notification),
		"AIRLOCK_TOPIC_STEP_RESULT":     topicEndpoint(stepResult),
		"AIRLOCK_TOPIC_DATA_DELETION":   topicEndpoint(dataDeletion),
		"AIRLOCK_TOPIC_GATES":           topicEndpoint(gates),
		"AIRLOCK_TOKEN_ISSUER":          identity.Issuer{Base: p.url(portIssuer)}.URL(),
		"AIRLOCK_TENANT_ID":             identity.Tenant,
		"AIRLOCK_API_AUDIENCE":          identity.CoreClientID,
		"AIRLOCK_API_ROOT_SCOPE":        "api://" + identity.CoreClientID,
		"AIRLOCK_API_CLIENT_ID":         identity.PublicClientID,
		"AIRLOCK_EVIDENCE_ACCOUNT":      evidenceAccount,
		"AIRLOCK_STATE_KEY":             "file://" + filepath.Join(dir, "keys", "state.key"),
		"AIRLOCK_SIGNING_KEY":           "file://" + filepath.Join(dir, "keys", "signing.pem"),
		"AIRLOCK_DIRECTORY":             "graph",
		"AIRLOCK_REQUEST_URL":           p.url(portAPI) + "/api/ui#/workspaces/{workspace_id}/requests/{request_id}",
		"AIRLOCK_RECONCILE_GRACE":       "2s",
		"ReconcileSchedule":             "*/2 * * * * *",
	}
	for _, prefix := range []string{"AzureWebJobsStorage", "AirlockDeadLetters"} {
		for name, value := range identityBased(prefix) {
			s[name] = value
		}
	}
	return s
}

// settings are the local ones with what the options change.
func (c *Cloud) settings() map[string]string {
	s := settings(c.options.Dir, c.ports, c.layout.core())
	maps.Copy(s, c.options.Settings)
	return s
}

// environment holds App Service's variables beside the handler's settings: where its identity is, and the way to
// the stand-ins. HTTP_PROXY catches forbidden calls, such as one to the instance metadata service.
func environment(p *ports, caFile, identitySecret string) []string {
	env := []string{
		"IDENTITY_ENDPOINT=" + p.url(portControl) + "/msi/token", "IDENTITY_HEADER=" + identitySecret,
		"HTTPS_PROXY=" + p.url(portProxy), "HTTP_PROXY=" + p.url(portProxy), "SSL_CERT_FILE=" + caFile,
	}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

const handlerFile = "handler.json"

// writeEnvironment keeps the handler's environment, for the other commands of its program.
func (c *Cloud) writeEnvironment() error {
	env := environment(c.ports, c.ca.File, c.managed.Secret)
	for name, value := range c.settings() {
		env = append(env, name+"="+value)
	}
	text, err := json.Marshal(append(env, "FUNCTIONS_CUSTOMHANDLER_PORT=0"))
	if err == nil {
		err = os.WriteFile(c.file(handlerFile), text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("keep the handler's environment: %w", err)
	}
	return nil
}

// HandlerEnvironment is the environment of the handler of the cloud in dir, as NAME=value.
func HandlerEnvironment(dir string) (env []string, err error) {
	text, err := os.ReadFile(filepath.Join(dir, handlerFile))
	if err == nil {
		err = json.Unmarshal(text, &env)
	}
	if err != nil {
		return nil, fmt.Errorf("read the handler's environment: %w", err)
	}
	return env, nil
}
