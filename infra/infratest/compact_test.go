//go:build infra

package infratest

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// compactDamages take one property away that only the compact layout needs.
var compactDamages = []damage{
	{"a shared account scans drafts", "stage/main.tf", `if !contains(["stalimip", "stalexip"], stage)]`, `if !contains(["stalexint", "stalimip", "stalexip"], stage)]`, `missing module.workspace["genomics"] stalws does not scan stalexint-`},
	{"a shared account tells of drafts", "stage/main.tf", "if !contains(local.drafts, stage)]", "]", `module.workspace["imaging"] stalws tells of /blobServices/default/containers/stalexint- is not promised`},
	{"the filters are set elsewhere", "stage/main.tf", `Microsoft.Security/defenderForStorageSettings@2025-06-01`, `Microsoft.Security/defenderForStorageSettings@2022-12-01-preview`, "scan_filters[0]: sets something else"},
	{"the internet reaches what is private", "core/main.tf", `var.layout == "compact" && stage.reach == "private" ? "stalcore" : code`, `var.layout == "compact" ? (stage.reach == "private" ? "stalcore" : "stalimex") : code`, "no plan"},
	{"revoked files are kept with those in quarantine", "workspace/main.tf", "min([for code in each.value : var.recoverable_days[code]]...)", "max([for code in each.value : var.recoverable_days[code]]...)", `stage["stalws"].azurerm_storage_account.stage: delete_retention_policy 7`},
	{"imports under review are out of reach", "core/stages.tf", `contains(each.value, "stalimip") ? "review" : "stages"`, `each.key == "stalimip" ? "review" : "stages"`, "missing stage: azurerm_private_endpoint.blob[core] subnet_id -> azurerm_subnet.core_endpoints[review]"},
	{"only the workspace is compact", "core/app.tf", "local.names[local.account_of[code]]", "local.names[code]", "leads: AIRLOCK_ACCOUNT_STALIMREJ is"},
}

// compact plans the example in the compact layout.
func compact(t *testing.T) *Workbench {
	t.Helper()
	b := bench(t)
	require.NoError(t, b.InitExample())
	file, err := os.OpenFile(filepath.Join(b.Dir, example, "terraform.tfvars"), os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	_, err = file.WriteString("layout = \"compact\"\n")
	require.NoError(t, err)
	require.NoError(t, file.Close())
	return b
}

// The compact layout keeps every promise of the other one, with fewer accounts.
func TestCompact(t *testing.T) {
	b := compact(t)
	p, err := b.PlanExample()
	require.NoError(t, err)
	require.True(t, p.Compact)
	s := readSources(t)
	t.Run("as promised", func(t *testing.T) { assert.Empty(t, strings.Join(s.findings(t, b, nil), "\n")) })
	t.Run("the registry names one account for all stages", func(t *testing.T) {
		docs, err := RegistryDocuments(p)
		require.NoError(t, err)
		require.Len(t, docs, 2)
		for id, doc := range docs {
			raw, err := json.Marshal(doc["accounts"])
			require.NoError(t, err)
			var accounts airlock.Accounts
			require.NoError(t, json.Unmarshal(raw, &accounts))
			uses := accounts.Uses()
			require.Len(t, uses, 1, id)
			assert.True(t, airlock.MayShare(slices.Collect(maps.Values(uses))[0]), id)
		}
	})
	t.Run("costs what COSTS says", func(t *testing.T) { costsAreTold(t, "compact", p) })
	t.Run("damage", func(t *testing.T) {
		var group []damage
		for _, d := range compactDamages {
			if d.noticed != "no plan" {
				group = append(group, d)
				continue
			}
			broken, err := b.Copy(t.TempDir())
			require.NoError(t, err)
			require.NoError(t, broken.Replace(d.file, d.old, d.replacement))
			_, err = broken.PlanExample()
			require.ErrorContains(t, err, "Invalid value for variable", d.name)
		}
		all := s.damaged(t, b, p, group, func(int) bool { return true })
		for _, d := range group {
			assert.Contains(t, all, d.noticed, d.name)
		}
	})
}

// costsAreTold compares what a plan is charged for with docs/COSTS.md.
func costsAreTold(t *testing.T, layout string, p *Plan) {
	t.Helper()
	costs, err := os.ReadFile(filepath.Join(repoDir, "docs", "COSTS.md"))
	require.NoError(t, err)
	assert.Contains(t, string(costs), CostLine(layout, FixedCost(p)), "%+v", FixedCost(p))
}
