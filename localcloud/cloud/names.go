package cloud

import "example.org/airlock/localcloud/identity"

// The core's storage accounts.
const (
	stateAccount    = "stalstatelocal"
	evidenceAccount = "stalevidencelocal"
)

// coreStages are the stage accounts every workspace shares.
var coreStages = map[string]string{
	"stalimex": "stalimexlocal", "stalimip": "stalimiplocal", "stalimrej": "stalimrejlocal",
	"stalimblocked": "stalimblockedlocal", "stalexapp": "stalexapplocal",
}

// workspaceStages are those each workspace has of its own.
var workspaceStages = []string{"stalimapp", "stalexint", "stalexip", "stalexrej", "stalexblocked"}

// stageAccounts are a workspace's own stage accounts, as its registry document names them.
func stageAccounts(w identity.Workspace) map[string]string {
	accounts := map[string]string{}
	for _, stage := range workspaceStages {
		accounts[stage] = stage + w.Name
	}
	return accounts
}

// allAccounts are the names of all storage accounts.
func allAccounts() []string {
	accounts := []string{stateAccount, evidenceAccount}
	for _, name := range coreStages {
		accounts = append(accounts, name)
	}
	for _, w := range identity.Workspaces() {
		for _, name := range stageAccounts(w) {
			accounts = append(accounts, name)
		}
	}
	return accounts
}

// receivers are the stage accounts that files are copied into, so whose BlobCreated events matter. Drafts are not among
// them: what people upload is looked at when they submit.
func receivers() []string {
	accounts := []string{coreStages["stalimip"], coreStages["stalimrej"], coreStages["stalimblocked"], coreStages["stalexapp"]}
	for _, w := range identity.Workspaces() {
		own := stageAccounts(w)
		accounts = append(accounts, own["stalimapp"], own["stalexip"], own["stalexrej"], own["stalexblocked"])
	}
	return accounts
}

// scanned are the accounts Defender watches: where files wait for review.
func scanned() []string {
	accounts := []string{coreStages["stalimip"]}
	for _, w := range identity.Workspaces() {
		accounts = append(accounts, stageAccounts(w)["stalexip"])
	}
	return accounts
}

// tables are those of the state account.
var tables = []string{"AirlockRequests", "AirlockRequestWorkspaces", "AirlockWorkspaces", "AirlockParkedEvents"}

// deadLetters is the container of the state account where Event Grid leaves what it could not deliver.
const deadLetters = "dead-letters"

// inspections is the container of the state account where the service keeps how far it has inspected files.
const inspections = "inspect"

// evidenceContainers are those of the evidence account; in Azure they are write-once.
var evidenceContainers = []string{"anchors", "receipts", "findings"}

// Custom topics, by short name.
const (
	statusChanged = "statuschanged"
	notification  = "notification"
	stepResult    = "stepresult"
	dataDeletion  = "datadeletion"
	scanResult    = "scanresult"
	gates         = "gates"
)

// topicEndpoint is where a custom topic takes events, as Azure names it.
func topicEndpoint(topic string) string {
	return "https://" + topic + ".local-1.eventgrid.azure.net/api/events"
}
