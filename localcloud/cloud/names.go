package cloud

// The core's storage accounts.
const (
	stateAccount    = "stalstatelocal"
	evidenceAccount = "stalevidencelocal"
)

// tables are those of the state account.
var tables = []string{"AirlockRequests", "AirlockRequestWorkspaces", "AirlockWorkspaces", "AirlockParkedEvents"}

// deadLetters is the container of the state account where Event Grid leaves undeliverable events.
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
