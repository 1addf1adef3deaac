package infratest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// stage holds the specification's demands on one account.
type stage struct {
	internet bool // reachable with a link from anywhere; otherwise only from its network
	scanned  bool
	copies   bool // copies arrive here, so BlobCreated goes to OnBlobCreated
	undelete float64
	serves   []string // the stages of an account that serves several
}

// stages are those that an account with a code serves.
func (s stage) stages(code string) []string {
	if len(s.serves) > 0 {
		return s.serves
	}
	return []string{code}
}

// The list "which account is reachable from where" of the specification, with
// the airlock's additions to it.
var coreStages = map[string]stage{
	"stalimex":      {internet: true},
	"stalimip":      {scanned: true, copies: true},
	"stalimrej":     {copies: true},
	"stalimblocked": {copies: true, undelete: 7},
	"stalexapp":     {internet: true, copies: true},
}

var workspaceStages = map[string]stage{
	"stalimapp":     {copies: true},
	"stalexint":     {},
	"stalexip":      {scanned: true, copies: true},
	"stalexrej":     {copies: true},
	"stalexblocked": {copies: true, undelete: 7},
}

// In the compact layout the stages out of the internet's reach share an account, in the
// core and in each workspace. Where stages differ, the stricter rule holds.
var compactCore = map[string]stage{
	"stalimex":  coreStages["stalimex"],
	"stalexapp": coreStages["stalexapp"],
	"stalcore":  {scanned: true, copies: true, serves: []string{"stalimip", "stalimrej", "stalimblocked"}},
}

var compactWorkspace = map[string]stage{
	"stalws": {scanned: true, copies: true, serves: []string{"stalimapp", "stalexint", "stalexip", "stalexrej", "stalexblocked"}},
}

// expected are the stage accounts of a module of the example, by code.
func expected(p *Plan, module string) map[string]stage {
	switch {
	case module == "module.core" && p.Compact:
		return compactCore
	case module == "module.core":
		return coreStages
	case p.Compact:
		return compactWorkspace
	}
	return workspaceStages
}

// exampleModules are the modules of infra/examples/complete that have stages.
var exampleModules = []string{"module.core", `module.workspace["genomics"]`, `module.workspace["imaging"]`}

func stageAccounts(p *Plan) []Resource {
	var accounts []Resource
	for _, a := range p.OfType("azurerm_storage_account") {
		if _, _, ok := a.Stage(); ok {
			accounts = append(accounts, a)
		}
	}
	return accounts
}

func checkStagesExist(p *Plan) []string {
	var f findings
	var want, got, names []string
	for _, module := range exampleModules {
		for code := range expected(p, module) {
			want = append(want, module+" "+code)
		}
	}
	for _, a := range stageAccounts(p) {
		module, code, _ := a.Stage()
		got = append(got, module+" "+code)
		names = append(names, a.Text("name"))
		f.unless(strings.HasPrefix(a.Text("name"), code) && len(a.Text("name")) <= 24, "%s: name %q", a.Address, a.Text("name"))
	}
	f.same("stage accounts", want, got)
	f.unless(len(slices.Compact(sorted(names))) == len(names), "two stages share an account: %v", names)
	return f
}

func checkKeyless(p *Plan) []string {
	var f findings
	for _, a := range p.OfType("azurerm_storage_account") {
		for _, off := range []string{
			"shared_access_key_enabled", "local_user_enabled", "allow_nested_items_to_be_public",
			"cross_tenant_replication_enabled", "is_hns_enabled", "sftp_enabled", "nfsv3_enabled",
		} {
			// sftp and nfs are written out where people's data is; elsewhere the provider's default is off.
			f.unless(a.False(off) || a.Get(off) == nil && !a.ToCome(off), "%s: %s is not off", a.Address, off)
		}
		f.unless(a.False("shared_access_key_enabled"), "%s: shared keys are not off", a.Address)
		f.unless(a.True("default_to_oauth_authentication"), "%s: the portal asks for keys first", a.Address)
		f.unless(a.True("https_traffic_only_enabled"), "%s: plain http", a.Address)
		f.unless(a.True("infrastructure_encryption_enabled"), "%s: not encrypted twice", a.Address)
		f.unless(a.Text("min_tls_version") == "TLS1_2", "%s: TLS %q", a.Address, a.Text("min_tls_version"))
		f.unless(!strings.Contains(a.Text("account_replication_type"), "G"), "%s: data leaves the region", a.Address)
	}
	for _, c := range p.OfType("azurerm_storage_container") {
		f.unless(c.Text("container_access_type") == "private", "%s: public container", c.Address)
	}
	return f
}

func checkReach(p *Plan) []string {
	var f findings
	for _, a := range p.OfType("azurerm_storage_account") {
		public, action := a.True("public_network_access_enabled"), a.Text("network_rules.0.default_action")
		module, code, isStage := a.Stage()
		want := expected(p, module)[code]
		switch {
		case isStage && want.internet:
			f.unless(public && action == "Allow", "%s: people outside cannot use links", a.Address)
		default:
			f.unless(action == "Deny", "%s: the network's default is %q, want Deny", a.Address, action)
			f.unless(len(a.List("network_rules.0.virtual_network_subnet_ids")) == 0, "%s: a subnet gets in beside the private endpoint", a.Address)
		}
		// A public endpoint that nobody may use is needed for two Azure services only: Defender and Event Grid.
		if isStage && !want.internet {
			f.unless(public == want.scanned, "%s: public endpoint on=%v, want %v", a.Address, public, want.scanned)
		}
		// Trusted services of Azure get in where one is needed: Event Grid learns of new blobs (and so does Defender, whose
		// scan begins with that event), and writes dead letters. Nothing else comes beside the endpoints.
		bypass := "[None]"
		if want.copies || a.Kind() == "core: azurerm_storage_account.state" {
			bypass = "[AzureServices]"
		}
		f.unless(fmt.Sprint(a.Get("network_rules.0.bypass")) == bypass, "%s: firewall bypass %v, want %s", a.Address, a.Get("network_rules.0.bypass"), bypass)
		if want.scanned {
			f.unless(strings.HasSuffix(a.Text("network_rules.0.private_link_access.0.endpoint_resource_id"), "/StorageDataScanner"),
				"%s: Defender's scanner is not let in", a.Address)
		}
	}
	return f
}

// checkCopyScope: a link that writes fetches nothing from outside the airlock's
// and the workspace's networks.
func checkCopyScope(p *Plan) []string {
	var f findings
	for _, a := range stageAccounts(p) {
		f.unless(a.Text("allowed_copy_scope") == "PrivateLink", "%s: copies come in from %q, want PrivateLink", a.Address, a.Text("allowed_copy_scope"))
	}
	return f
}

// checkWalls asks which public addresses get through to what people have no
// business with: on the premium plan those Terraform runs from, to the host's
// account, which takes the package; else none. The state account's public endpoint
// stays on, closed, for Event Grid.
func checkWalls(p *Plan, deployer ...any) []string {
	var f findings
	open := map[string]bool{
		"core: azurerm_storage_account.state":    true,
		"core: azurerm_storage_account.host":     len(deployer) > 0,
		"core: azurerm_key_vault.airlock":        false,
		"core: azurerm_storage_account.evidence": false,
	}
	seen := 0
	for _, r := range p.OfType("azurerm_storage_account", "azurerm_key_vault") {
		var want []any
		if public, known := open[r.Kind()]; known {
			seen++
			f.unless(r.True("public_network_access_enabled") == public, "%s: public endpoint on=%v, want %v", r.Address, !public, public)
			if public && r.Name == "host" {
				want = deployer
			}
		}
		got := append(r.List("network_rules.0.ip_rules"), r.List("network_acls.0.ip_rules")...)
		f.unless(fmt.Sprint(got) == fmt.Sprint(want), "%s: lets in %v, want %v", r.Address, got, want)
	}
	f.unless(seen == len(open), "%d accounts and vaults of the core, want %d", seen, len(open))
	return f
}

// checkLogs: whatever a link is used for is on record.
func checkLogs(p *Plan) []string {
	var f findings
	got := map[string][]string{}
	for _, d := range p.OfType("azurerm_monitor_diagnostic_setting") {
		module, code, _ := d.Stage()
		for _, l := range d.List("enabled_log") {
			entry, _ := l.(map[string]any)
			got[module+" "+code] = append(got[module+" "+code], fmt.Sprint(entry["category"]))
		}
	}
	for _, a := range stageAccounts(p) {
		module, code, _ := a.Stage()
		f.same(a.Address+" logs", []string{"StorageRead", "StorageWrite", "StorageDelete"}, got[module+" "+code])
	}
	return f
}

func checkPrivateEndpoints(p *Plan) []string {
	var f findings
	want, got := map[string]int{}, map[string]int{}
	for _, a := range stageAccounts(p) {
		want["psc-"+a.Text("name")+" blob"]++
	}
	for _, service := range []string{"blob", "queue", "table"} {
		want["psc-stalstate"+exampleTRE+"-"+service+" "+service]++
		want["psc-stalhost"+exampleTRE+"-"+service+" "+service]++
	}
	want["psc-stalevidence"+exampleTRE+" blob"]++
	want["psc-kv-airlock-"+exampleTRE+" vault"]++
	for _, topic := range []string{"statuschanged", "notification", "stepresult", "datadeletion", "gates"} {
		want["psc-evgt-airlock-"+topic+"-"+exampleTRE+" topic"]++
	}
	for _, e := range p.OfType("azurerm_private_endpoint") {
		const c = "private_service_connection.0."
		got[fmt.Sprintf("%s %v", e.Text(c+"name"), strings.Trim(fmt.Sprint(e.Get(c+"subresource_names")), "[]"))]++
		f.unless(e.ToCome(c+"private_connection_resource_id"), "%s: leads to nothing this plan makes", e.Address)
		f.unless(e.False(c+"is_manual_connection"), "%s: waits for somebody's approval", e.Address)
		f.unless(len(e.List("private_dns_zone_group")) == 1, "%s: its name does not resolve", e.Address)
	}
	f.same("private endpoints", slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)))
	return f
}

func checkRecoverable(p *Plan) []string {
	var f findings
	for _, a := range p.OfType("azurerm_storage_account") {
		module, code, isStage := a.Stage()
		days := expected(p, module)[code].undelete
		if !isStage && a.Name != "state" { // dead letters are there
			continue
		} else if !isStage {
			days = 7
		}
		f.unless(a.False("blob_properties.0.versioning_enabled"), "%s: versions keep what was overwritten", a.Address)
		for _, policy := range []string{"delete_retention_policy", "container_delete_retention_policy"} {
			got := a.Number("blob_properties.0." + policy + ".0.days")
			f.unless(got == days, "%s: %s %v days, want %v", a.Address, policy, got, days)
		}
	}
	return f
}

func checkScanning(p *Plan) []string {
	var f findings
	var want, got []string
	for _, module := range exampleModules {
		for code, s := range expected(p, module) {
			if s.scanned {
				want = append(want, module+" "+code)
			}
		}
	}
	for _, d := range p.OfType("azurerm_security_center_storage_defender") { //nolint:misspell // the provider's name
		module, code, _ := d.Stage()
		got = append(got, module+" "+code)
		f.unless(d.True("malware_scanning_on_upload_enabled"), "%s: uploads are not scanned", d.Address)
		f.unless(d.True("override_subscription_settings_enabled"), "%s: the subscription's settings win and verdicts go nowhere", d.Address)
		f.unless(d.ToCome("scan_results_event_grid_topic_id"), "%s: verdicts are sent to no topic", d.Address)
		f.unless(d.Number("malware_scanning_on_upload_cap_gb_per_month") == 1000, "%s: no monthly cap", d.Address)
		f.unless(d.False("sensitive_data_discovery_enabled"), "%s: Defender reads the data for another purpose", d.Address)
	}
	f.same("scanned stages", want, got)
	return append(f, checkFilters(p)...)
}

// checkFilters: in an account of several stages only files that wait for review are
// scanned, and nobody is told of a draft. An account of one stage has no such
// filter: its containers do not begin with its name.
func checkFilters(p *Plan) []string {
	var f findings
	var want, got []string
	for _, a := range stageAccounts(p) {
		module, code, _ := a.Stage()
		for _, s := range expected(p, module)[code].serves {
			if s != "stalimip" && s != "stalexip" {
				want = append(want, module+" "+code+" does not scan "+s+"-")
			}
			if s != "stalexint" {
				want = append(want, module+" "+code+" tells of /blobServices/default/containers/"+s+"-")
			}
		}
	}
	for _, r := range p.OfType("azapi_update_resource") {
		if module, code, ok := r.Stage(); ok {
			for _, prefix := range r.List("body.properties.malwareScanning.onUpload.filters.excludeBlobsWithPrefix") {
				got = append(got, fmt.Sprintf("%s %s does not scan %v", module, code, prefix))
			}
			f.unless(r.Text("type") == "Microsoft.Security/defenderForStorageSettings@2025-06-01" && r.Text("name") == "current", "%s: sets something else", r.Address)
		}
	}
	for _, r := range p.OfType("azurerm_eventgrid_system_topic_event_subscription") {
		if module, code, ok := r.Stage(); ok {
			for _, prefix := range r.List("advanced_filter.0.string_begins_with.0.values") {
				got = append(got, fmt.Sprintf("%s %s tells of %v", module, code, prefix))
			}
		}
	}
	f.same("filters of shared accounts", want, got)
	return f
}

func checkStageRoles(p *Plan) []string {
	var f findings
	for _, a := range stageAccounts(p) {
		prefix := strings.TrimSuffix(a.Address, ".azurerm_storage_account.stage")
		var got []string
		for _, r := range p.In(prefix) {
			if r.Type == "azurerm_role_assignment" && r.Name != "dead_letters" {
				got = append(got, strings.TrimSpace(r.Name+" "+r.Text("role_definition_name")))
			}
		}
		want := []string{"service Storage Blob Data Contributor"}
		if module, code, _ := a.Stage(); expected(p, module)[code].scanned {
			want = append(want, "scan_tags") // one of our own, roles.go
		}
		f.same(a.Address+" roles", want, got)
	}
	for _, r := range p.OfType("azurerm_role_assignment") {
		role := r.Text("role_definition_name")
		f.unless(role != "Owner" && role != "Contributor" && role != "User Access Administrator", "%s: role %s", r.Address, role)
	}
	return f
}
