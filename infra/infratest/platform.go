package infratest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// exampleTRE is the TRE id of infra/examples/complete/terraform.tfvars.example.
const exampleTRE = "mytre"

// subscription is one promised way of an event.
type subscription struct {
	topic, target, eventType, begins, ends string
}

// promisedSubscriptions are all of the example; those of system topics are added
// stage by stage.
func promisedSubscriptions(p *Plan) []subscription {
	list := []subscription{
		{"status_changed", "OnStatusChanged", "statusChanged", "", "/statusChanged"},
		{"step_result", "OnStepResult", "Airlock.StepResult", "", ""},
		{"data_deletion", "OnDataDeletion", "Airlock.DataDeletion", "", ""},
		{"scan_result", "OnScanResult", "Microsoft.Security.MalwareScanningResult", "storageAccounts/", ""},
		{"notification", "logic app", "airlockNotification", "", "/airlockNotification"},
		{"evgt-stalstate" + exampleTRE, "OnDeadLetter", "Microsoft.Storage.BlobCreated", "/blobServices/default/containers/dead-letters/", ""},
	}
	for _, a := range stageAccounts(p) {
		module, code, _ := a.Stage()
		if expected(p, module)[code].copies {
			list = append(list, subscription{"evgt-" + a.Text("name"), "OnBlobCreated", "Microsoft.Storage.BlobCreated", "/blobServices/default/containers/", ""})
		}
	}
	return list
}

// subscriptionOf reads a planned subscription.
func subscriptionOf(r Resource) subscription {
	s := subscription{
		topic:     r.Text("system_topic"),
		eventType: strings.Trim(fmt.Sprint(r.Get("included_event_types")), "[]"),
		begins:    r.Text("subject_filter.0.subject_begins_with"),
		ends:      r.Text("subject_filter.0.subject_ends_with"),
	}
	if s.topic == "" { // a custom topic's id is not known yet; the address names it
		_, s.topic, _ = strings.Cut(r.Address, `topic["`)
		s.topic = strings.TrimSuffix(s.topic, `"]`)
		if r.Name == "notification" {
			s.topic = "notification"
		}
	}
	if id := r.Text("azure_function_endpoint.0.function_id"); id != "" {
		s.target = id[strings.LastIndex(id, "/")+1:]
	} else if r.Name == "dead_letter" {
		s.target = "OnDeadLetter"
	} else if len(r.List("webhook_endpoint")) == 1 {
		s.target = "logic app"
	}
	return s
}

func subscriptions(p *Plan) []Resource {
	return p.OfType("azurerm_eventgrid_event_subscription", "azurerm_eventgrid_system_topic_event_subscription")
}

func checkSubscriptions(p *Plan) []string {
	var f findings
	var want, got []string
	for _, s := range promisedSubscriptions(p) {
		want = append(want, fmt.Sprintf("%+v", s))
	}
	for _, r := range subscriptions(p) {
		got = append(got, fmt.Sprintf("%+v", subscriptionOf(r)))
		f.unless(len(r.List("subject_filter")) == 0 || r.True("subject_filter.0.case_sensitive"), "%s: the filter ignores case", r.Address)
	}
	f.same("subscriptions", want, got)
	return f
}

func checkDelivery(p *Plan) []string {
	var f findings
	for _, r := range subscriptions(p) {
		f.unless(r.Number("retry_policy.0.max_delivery_attempts") == 30 && r.Number("retry_policy.0.event_time_to_live") == 1440,
			"%s: gives up before a day", r.Address)
		f.unless(r.Number("azure_function_endpoint.0.max_events_per_batch") == 1 || r.Number("webhook_endpoint.0.max_events_per_batch") == 1,
			"%s: one bad event takes its batch with it", r.Address)
		if r.Name == "dead_letter" {
			continue // dead letters of dead letters would come back for ever
		}
		f.unless(r.Text("storage_blob_dead_letter_destination.0.storage_blob_container_name") == "dead-letters", "%s: no dead letters", r.Address)
		f.unless(r.Text("dead_letter_identity.0.type") == "SystemAssigned", "%s: dead letters without identity", r.Address)
	}
	for _, t := range p.OfType("azurerm_eventgrid_topic", "azurerm_eventgrid_system_topic") {
		f.unless(t.Text("identity.0.type") == "SystemAssigned", "%s: has no identity to write dead letters with", t.Address)
	}
	return f
}

func checkTopics(p *Plan) []string {
	var f findings
	var got []string
	for _, t := range p.OfType("azurerm_eventgrid_topic") {
		got = append(got, t.Text("name"))
		f.unless(t.False("local_auth_enabled"), "%s: accepts keys", t.Address)
		public := strings.Contains(t.Address, "scan_result")
		f.unless(t.True("public_network_access_enabled") == public, "%s: public endpoint, want %v", t.Address, public)
	}
	f.same("topics", []string{"evgt-airlock-statuschanged-mytre", "evgt-airlock-notification-mytre", "evgt-airlock-stepresult-mytre",
		"evgt-airlock-datadeletion-mytre", "evgt-airlock-gates-mytre", "evgt-airlock-scanresult-mytre"}, got)
	return f
}

func checkEvidence(p *Plan) []string {
	var f findings
	var got []string
	for _, w := range p.OfType("azurerm_storage_container_immutability_policy") {
		got = append(got, w.Address[strings.LastIndex(w.Address, "["):])
		f.unless(w.Number("immutability_period_in_days") >= 365, "%s: less than a year", w.Address)
		f.unless(!w.True("protected_append_writes_enabled") && !w.True("protected_append_writes_all_enabled"), "%s: can be appended to", w.Address)
	}
	f.same("write-once containers", []string{`["anchors"]`, `["receipts"]`, `["findings"]`}, got)
	return f
}

func checkVault(p *Plan) []string {
	var f findings
	vaults := p.OfType("azurerm_key_vault")
	f.unless(len(vaults) == 1, "%d vaults, want 1", len(vaults))
	for _, v := range vaults {
		f.unless(v.True("rbac_authorization_enabled"), "%s: access policies instead of roles", v.Address)
		f.unless(v.True("purge_protection_enabled") && v.Number("soft_delete_retention_days") == 90, "%s: keys can be lost for good", v.Address)
		f.unless(v.Text("network_acls.0.default_action") == "Deny" && v.Text("network_acls.0.bypass") == "None", "%s: open network", v.Address)
	}
	var keys []string
	for _, r := range p.OfType("azapi_resource") {
		if strings.HasPrefix(r.Text("type"), "Microsoft.KeyVault/") {
			const k = "body.properties."
			keys = append(keys, fmt.Sprintf("%s %s %s %v", r.Text("name"), r.Text(k+"kty"), r.Text(k+"curveName"), r.Get(k+"keyOps")))
		}
	}
	f.same("keys", []string{"airlock-signing EC P-256 [sign verify]"}, keys)
	// These two ask for a right to the vault's contents, and the second has the value in the state.
	for _, r := range p.OfType("azurerm_key_vault_key", "azurerm_key_vault_secret") {
		f.unless(false, "%s: whoever deploys needs a right in the vault", r.Address)
	}
	return f
}

func checkTables(p *Plan) []string {
	var f findings
	var got []string
	for _, t := range p.OfType("azapi_resource") {
		if t.Name == "table" {
			got = append(got, t.Text("name"))
		}
	}
	f.same("tables", []string{"AirlockRequests", "AirlockRequestWorkspaces", "AirlockWorkspaces", "AirlockParkedEvents"}, got)
	f.unless(len(p.OfType("azurerm_storage_table")) == 0, "azurerm_storage_table needs the account key")
	return f
}

func checkApp(p *Plan) []string {
	var f findings
	f.unless(len(p.OfType("azurerm_user_assigned_identity")) == 1, "more or less than one identity")
	var apps []Resource
	for _, r := range p.OfType("azapi_resource") {
		if r.Name == "flex" {
			apps = append(apps, r)
		}
	}
	f.unless(len(apps) == 1, "%d apps, want 1", len(apps))
	for _, a := range apps {
		const body = "body.properties."
		f.unless(a.Text("identity.0.type") == "UserAssigned", "%s: identity %q", a.Address, a.Text("identity.0.type"))
		f.unless(a.True(body+"httpsOnly") && a.Text(body+"siteConfig.minTlsVersion") == "1.2", "%s: plain http or old TLS", a.Address)
		f.unless(a.Text(body+"functionAppConfig.runtime.name") == "custom", "%s: not a custom handler", a.Address)
		f.unless(a.Text(body+"functionAppConfig.runtime.version") == "1.0", "%s: the custom runtime has one version, 1.0", a.Address)
		f.unless(a.Text(body+"functionAppConfig.deployment.storage.authentication.type") == "UserAssignedIdentity", "%s: package by key", a.Address)
		f = append(f, checkAlwaysReady(a)...)
		f.unless(a.Get(body+"vnetRouteAllEnabled") == nil, "%s: vnetRouteAllEnabled must not be set on Flex Consumption", a.Address)
	}
	passwords := 0
	for _, r := range p.OfType("azapi_update_resource") {
		if r.Name == "no_publishing_password" && r.False("body.properties.allow") {
			passwords++
		}
	}
	f.unless(passwords == 2, "publishing passwords are not off")
	for name, value := range AppSettings(p) {
		f.unless(name != "AzureWebJobsStorage" && !strings.Contains(value, "AccountKey") && !strings.Contains(value, "sig="), "setting %s holds a key", name)
	}
	for _, insights := range p.OfType("azurerm_application_insights") {
		f.unless(insights.False("local_authentication_enabled"), "%s: telemetry by key", insights.Address)
		f.unless(insights.Number("sampling_percentage") == 100, "%s: alerts may be sampled away", insights.Address)
	}
	return f
}

// checkNarrowed: a deployment ends when the app answers who deploys, and without
// Event Grid nothing moves.
func checkNarrowed(p *Plan) []string {
	var f findings
	for _, r := range p.OfType("azapi_resource") {
		if r.Name != "flex" {
			continue
		}
		const site = "body.properties.siteConfig."
		f.unless(r.Text(site+"ipSecurityRestrictionsDefaultAction") == "Deny", "%s: everybody gets to the app", r.Address)
		var got []string
		for _, rule := range r.List(site + "ipSecurityRestrictions") {
			got = append(got, fmt.Sprint(walk(rule, "ipAddress")))
		}
		f.same(r.Address+": who gets to the app", []string{"198.51.100.0/24", "203.0.113.7/32", "AzureEventGrid", "ApplicationInsightsAvailability"}, got)
	}
	return f
}

// checkAlwaysReady: an instance that was just started answers Event Grid with 401
// (https://github.com/Azure/azure-functions-host/issues/11834). A verdict comes minutes late then, and
// the notice of a dead letter, a webhook, never.
func checkAlwaysReady(app Resource) []string {
	var f findings
	var got []string
	for _, group := range app.List("body.properties.functionAppConfig.scaleAndConcurrency.alwaysReady") {
		g, _ := group.(map[string]any)
		got = append(got, fmt.Sprintf("%v=%v", g["name"], g["instanceCount"]))
	}
	f.same(app.Address+": always ready", []string{"blob=1", "function:OnScanResult=1"}, got)
	return f
}

// RegistryDocuments are the documents to register the workspaces with, by id: the
// root module's output that register-workspaces.sh reads.
func RegistryDocuments(p *Plan) (map[string]map[string]any, error) {
	docs := map[string]map[string]any{}
	all, _ := p.Outputs["registry_documents"].(map[string]any)
	for name, o := range all {
		raw, _ := walk(o, "document").(string)
		id, _ := walk(o, "workspace_id").(string)
		var doc map[string]any
		if err := json.Unmarshal([]byte(raw), &doc); err != nil {
			return nil, fmt.Errorf("workspace %s: %w", name, err)
		}
		docs[id] = doc
	}
	return docs, nil
}

// checkPremium asks the other plan's app for the same as checkApp.
func checkPremium(p *Plan) []string {
	var f findings
	apps := p.OfType("azurerm_linux_function_app")
	f.unless(len(apps) == 1, "%d apps, want 1", len(apps))
	for _, a := range apps {
		f.unless(a.Text("identity.0.type") == "UserAssigned" && a.True("storage_uses_managed_identity") && a.Get("storage_account_access_key") == nil, "%s: storage by key", a.Address)
		f.unless(a.True("https_only") && a.Text("site_config.0.minimum_tls_version") == "1.2", "%s: plain http or old TLS", a.Address)
		f.unless(a.Text("virtual_network_subnet_id") == "<azurerm_subnet.functions>" && a.True("site_config.0.vnet_route_all_enabled"), "%s: goes out beside the network", a.Address)
		f.unless(a.False("ftp_publish_basic_authentication_enabled") && a.False("webdeploy_publish_basic_authentication_enabled") && a.Text("site_config.0.ftps_state") == "Disabled",
			"%s: publishing passwords are not off", a.Address)
		f.unless(a.True("site_config.0.application_stack.0.use_custom_runtime"), "%s: not a custom handler", a.Address)
	}
	return f
}

// checkDelegation: the app's subnet belongs to the service that runs it.
func checkDelegation(p *Plan) []string {
	var f findings
	service, action := "Microsoft.App/environments", "Microsoft.Network/virtualNetworks/subnets/join/action"
	if len(p.OfType("azurerm_linux_function_app")) > 0 {
		service, action = "Microsoft.Web/serverFarms", "Microsoft.Network/virtualNetworks/subnets/action"
	}
	for _, s := range p.OfType("azurerm_subnet") {
		if s.Name == "functions" {
			const to = "delegation.0.service_delegation.0."
			f.unless(s.Text(to+"name") == service && fmt.Sprint(s.Get(to+"actions")) == "["+action+"]", "%s: is delegated to %s, want %s", s.Address, s.Text(to+"name"), service)
		}
	}
	return f
}
