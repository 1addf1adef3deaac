package infratest

import (
	"fmt"
	"regexp"
	"strings"
)

// promisedDefinitions are the roles that are narrower than Azure's own, with every
// action they allow.
var promisedDefinitions = map[string]string{
	"table_rows": "Microsoft.Storage/storageAccounts/tableServices/tables/entities/add/action " +
		"Microsoft.Storage/storageAccounts/tableServices/tables/entities/delete " +
		"Microsoft.Storage/storageAccounts/tableServices/tables/entities/read " +
		"Microsoft.Storage/storageAccounts/tableServices/tables/entities/update/action",
	"dead_letters": "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete " +
		"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read " +
		"Microsoft.Storage/storageAccounts/blobServices/containers/read",
	"inspections": "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action " +
		"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read " +
		"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
	"evidence": "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action " +
		"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
	"signer":    "Microsoft.KeyVault/vaults/keys/read Microsoft.KeyVault/vaults/keys/sign/action",
	"scan_tags": "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags/read",
}

// checkDefinitions: each role allows the actions written here and nothing more.
func checkDefinitions(p *Plan) []string {
	var f findings
	var want, got []string
	for name, actions := range promisedDefinitions {
		want = append(want, name+": "+actions)
	}
	for _, r := range p.OfType("azurerm_role_definition") {
		var actions []string
		for _, kind := range []string{"actions", "data_actions"} {
			for _, a := range r.List("permissions.0." + kind) {
				actions = append(actions, fmt.Sprint(a))
			}
		}
		got = append(got, keyOf(r.Address)+": "+strings.Join(sorted(actions), " "))
		f.unless(len(r.List("permissions")) == 1, "%s: several sets of permissions", r.Address)
	}
	f.same("roles of our own", want, got)
	return f
}

var definition = regexp.MustCompile(`azurerm_role_definition\.airlock\[(\w+)\]`)

// roleOf is the name of an assignment's role in a plan with known ids, "Airlock: "
// and a key for one of our own.
func roleOf(r Resource) string {
	if m := definition.FindStringSubmatch(r.Text("role_definition_id")); m != nil {
		return "Airlock: " + m[1]
	}
	return r.Text("role_definition_name")
}

// checkDeployer: whoever runs Terraform has no right to data beside those named.
// An assignment stays when the apply is over.
func checkDeployer(p *Plan, rights ...string) []string {
	var f findings
	var got []string
	for _, r := range p.OfType("azurerm_role_assignment") {
		if r.Text("principal_id") == "<deployer>" {
			got = append(got, r.Name+" "+roleOf(r)+" "+r.Text("scope"))
		}
	}
	f.same("rights of whoever deploys", rights, got)
	return f
}
