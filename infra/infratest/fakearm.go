package infratest

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"time"
)

// ResourceManager stands in for Azure while new resources are planned. That takes
// four answers: where the cloud's endpoints are, a token, that every resource
// provider is registered, and "not found". It shows that the providers accept the plan, not that Azure would.
type ResourceManager struct {
	CAFile string // trust this to reach it
	Host   string

	server *httptest.Server
	mu     sync.Mutex
	asked  []string
}

const (
	fakeTenant       = "11111111-1111-4111-8111-111111111111"
	fakeSubscription = "00000000-0000-4000-8000-000000000000"
)

// namespaces are the resource providers of a subscription that is in use. One that
// is asked for and not here would be registered, which is unexpected.
var namespaces = []string{
	"Microsoft.AlertsManagement", "Microsoft.App", "Microsoft.Authorization", "Microsoft.Communication", "Microsoft.EventGrid",
	"Microsoft.Insights", "Microsoft.KeyVault", "Microsoft.Logic", "Microsoft.ManagedIdentity", "Microsoft.Network",
	"Microsoft.OperationalInsights", "Microsoft.Security", "Microsoft.Storage", "Microsoft.Web",
}

// StartResourceManager listens on a free loopback port and writes its
// certificate to caFile. Close it in the end.
func StartResourceManager(caFile string) (*ResourceManager, error) {
	m := &ResourceManager{CAFile: caFile}
	m.server = httptest.NewTLSServer(m)
	m.Host = m.server.Listener.Addr().String()
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: m.server.Certificate().Raw})
	if err := os.WriteFile(caFile, cert, 0o600); err != nil {
		m.server.Close()
		return nil, err
	}
	return m, nil
}

// Close stops listening.
func (m *ResourceManager) Close() { m.server.Close() }

// Unexpected lists the calls beside those for endpoints and tokens. A plan from
// nothing that reads something has a data source nobody thought of.
func (m *ResourceManager) Unexpected() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.asked...)
}

func (m *ResourceManager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	base := "https://" + m.Host
	switch {
	case r.URL.Path == "/metadata/endpoints":
		answer(w, http.StatusOK, endpoints(base))
	case strings.HasSuffix(r.URL.Path, "/oauth2/v2.0/token"):
		answer(w, http.StatusOK, map[string]any{"access_token": unsignedToken(), "token_type": "Bearer", "expires_in": 3600})
	case r.URL.Path == "/subscriptions/"+fakeSubscription+"/providers":
		var registered []any
		for _, namespace := range namespaces {
			registered = append(registered, map[string]any{"namespace": namespace, "registrationState": "Registered"})
		}
		answer(w, http.StatusOK, map[string]any{"value": registered})
	default:
		m.mu.Lock()
		m.asked = append(m.asked, r.Method+" "+r.URL.Path)
		m.mu.Unlock()
		answer(w, http.StatusNotFound, map[string]any{"error": map[string]any{"code": "ResourceNotFound", "message": r.URL.Path}})
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// unsignedToken proves nothing: the provider only reads who it says it is.
func unsignedToken() string {
	part := base64.RawURLEncoding.EncodeToString
	claims := fmt.Sprintf(`{"oid":"99999999-9999-4999-8999-999999999999","tid":%q,"appid":"22222222-2222-4222-8222-222222222222","exp":%d}`,
		fakeTenant, time.Now().Add(time.Hour).Unix())
	return part([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + part([]byte(claims)) + "." + part([]byte("none"))
}

func endpoints(base string) map[string]any {
	return map[string]any{
		"name": "AzureCloud", "resourceManager": base, "microsoftGraphResourceId": base,
		"authentication": map[string]any{"loginEndpoint": base, "audiences": []string{base}, "tenant": "common", "identityProvider": "AAD"},
		"suffixes": map[string]any{
			"storage": "core.windows.net", "keyVaultDns": "vault.azure.net", "acrLoginServer": "azurecr.io",
			"sqlServerHostname": "database.windows.net", "synapseAnalytics": "dev.azuresynapse.net", "mhsmDns": "managedhsm.azure.net",
			"attestationEndpoint": "attest.azure.net", "azureFrontDoorEndpointSuffix": "azurefd.net",
			"storageSyncEndpointSuffix": "afs.azure.net", "mysqlServerEndpoint": "mysql.database.azure.com",
			"mariadbServerEndpoint": "mariadb.database.azure.com", "postgresqlServerEndpoint": "postgres.database.azure.com",
			"azureDataLakeStoreFileSystem": "azuredatalakestore.net",
		},
		"batch": "https://batch.core.windows.net/", "attestationResourceId": "https://attest.azure.net",
		"synapseAnalyticsResourceId": "https://dev.azuresynapse.net", "logAnalyticsResourceId": "https://api.loganalytics.io",
		"ossrDbmsResourceId": "https://ossrdbms-aad.database.windows.net", "activeDirectoryDataLake": "https://datalake.azure.net/",
		"media": "https://rest.media.azure.net", "appInsightsResourceId": "https://api.applicationinsights.io",
		"appInsightsTelemetryChannelResourceId": "https://dc.applicationinsights.azure.com/v2/track",
	}
}
