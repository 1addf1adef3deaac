package infratest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// AppSettings are the planned settings of the app, "" where Azure chooses the
// value.
func AppSettings(p *Plan) map[string]string {
	settings := map[string]string{}
	for _, r := range p.Resources {
		switch r.Kind() {
		case "core: azapi_resource.flex":
			for _, s := range r.List("body.properties.siteConfig.appSettings") {
				entry, _ := s.(map[string]any)
				name, _ := entry["name"].(string)
				value, _ := entry["value"].(string)
				settings[name] = value
			}
		case "core: azurerm_linux_function_app.premium":
			all, _ := r.Get("app_settings").(map[string]any)
			for name, value := range all {
				settings[name], _ = value.(string)
			}
			settings["APPLICATIONINSIGHTS_CONNECTION_STRING"] = r.Text("site_config.0.application_insights_connection_string")
		}
	}
	return settings
}

// promisedSettings are the values that lead the app to the resources of the same plan,
// under the names it makes them with, and what terraform.tfvars.example says.
func promisedSettings(p *Plan) map[string]string {
	name := func(kind string) string {
		for _, r := range p.Resources {
			if r.Kind() == kind {
				return r.Text("name")
			}
		}
		return "nothing (" + kind + ")"
	}
	service := func(account, service string) string {
		return "https://" + account + "." + service + ".core.windows.net"
	}
	state, host := name("core: azurerm_storage_account.state"), name("core: azurerm_storage_account.host")
	vault := "https://" + name("core: azurerm_key_vault.airlock") + ".vault.azure.net"
	const (
		identity = "<module.core.azurerm_user_assigned_identity.airlock.client_id>"
		topic    = "<module.core.azurerm_eventgrid_topic.topic[%s].endpoint>"
	)
	want := map[string]string{
		"AIRLOCK_TABLE_ENDPOINT":             service(state, "table"),
		"AIRLOCK_EVIDENCE_ACCOUNT":           name("core: azurerm_storage_account.evidence"),
		"AIRLOCK_SIGNING_KEY":                vault + "/keys/" + name("core: azapi_resource.signing_key"),
		"AIRLOCK_STATE_KEY":                  vault + "/secrets/" + secretName,
		"AIRLOCK_STORAGE_SUFFIX":             "core.windows.net",
		"AIRLOCK_LINK_BASE":                  service("{account}", "blob"),
		"AIRLOCK_TOPIC_STATUS_CHANGED":       fmt.Sprintf(topic, "status_changed"),
		"AIRLOCK_TOPIC_NOTIFICATION":         fmt.Sprintf(topic, "notification"),
		"AIRLOCK_TOPIC_STEP_RESULT":          fmt.Sprintf(topic, "step_result"),
		"AIRLOCK_TOPIC_DATA_DELETION":        fmt.Sprintf(topic, "data_deletion"),
		"AIRLOCK_TOPIC_GATES":                fmt.Sprintf(topic, "gates"),
		"AIRLOCK_TOKEN_ISSUER":               "https://login.microsoftonline.com/" + fakeTenant + "/v2.0",
		"AIRLOCK_TENANT_ID":                  fakeTenant,
		"AIRLOCK_API_AUDIENCE":               "22222222-2222-4222-8222-222222222222",
		"AIRLOCK_API_ROOT_SCOPE":             "api://22222222-2222-4222-8222-222222222222",
		"AIRLOCK_API_CLIENT_ID":              "33333333-3333-4333-8333-333333333333",
		"AIRLOCK_MANAGED_IDENTITY_CLIENT_ID": identity,
		"AIRLOCK_DIRECTORY":                  "graph",
		"AIRLOCK_REQUEST_URL":                "https://" + appName(p) + ".azurewebsites.net/api/ui#/workspaces/{workspace_id}/requests/{request_id}",
		"AIRLOCK_RECONCILE_GRACE":            "30s",
		"AIRLOCK_PLAIN_ERRORS":               "false",

		"AzureWebJobsStorage__blobServiceUri":  service(host, "blob"),
		"AzureWebJobsStorage__queueServiceUri": service(host, "queue"),
		"AzureWebJobsStorage__tableServiceUri": service(host, "table"),
		"AzureWebJobsStorage__credential":      "managedidentity",
		"AzureWebJobsStorage__clientId":        identity,

		"AirlockDeadLetters__blobServiceUri":  service(state, "blob"),
		"AirlockDeadLetters__queueServiceUri": service(state, "queue"),
		"AirlockDeadLetters__credential":      "managedidentity",
		"AirlockDeadLetters__clientId":        identity,

		"ReconcileSchedule":                         "0 * * * * *",
		"AzureWebJobsDisableHomepage":               "true",
		"APPLICATIONINSIGHTS_CONNECTION_STRING":     "<module.core.azurerm_application_insights.airlock.connection_string>",
		"APPLICATIONINSIGHTS_AUTHENTICATION_STRING": "ClientId=" + identity + ";Authorization=AAD",
	}
	for _, a := range stageAccounts(p) {
		if module, code, _ := a.Stage(); module == "module.core" {
			for _, s := range expected(p, module)[code].stages(code) {
				want["AIRLOCK_ACCOUNT_"+strings.ToUpper(s)] = a.Text("name")
			}
		}
	}
	return want
}

// appName is the name of the one app of a plan.
func appName(p *Plan) string {
	for _, r := range p.Resources {
		if r.Kind() == "core: azapi_resource.flex" || r.Kind() == "core: azurerm_linux_function_app.premium" {
			return r.Text("name")
		}
	}
	return ""
}

// checkSettings asks a plan with known ids whether each setting has the value
// that leads to the right place.
func checkSettings(p *Plan) []string {
	var f findings
	want, got := promisedSettings(p), AppSettings(p)
	f.same("settings", slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)))
	for _, name := range sorted(slices.Collect(maps.Keys(want))) {
		f.unless(got[name] == want[name], "%s is %q, want %q", name, got[name], want[name])
	}
	return f
}
