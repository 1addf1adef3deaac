package logging

// Alert is the code of a line that wakes an operator: the member "alert". The
// RUNBOOK has an entry for each, and infra/core a rule.
type Alert string

// The alerts.
const (
	RequestOverdue       Alert = "request_overdue"
	RequestFailed        Alert = "request_failed"
	IntegrityViolation   Alert = "integrity_violation"
	OperatorActionNeeded Alert = "operator_action_needed"
	EventParked          Alert = "event_parked"
	ScanSilent           Alert = "scan_silent"
	OutboxStalled        Alert = "outbox_stalled"
	AuditChainBroken     Alert = "audit_chain_broken"
	StateDamaged         Alert = "state_damaged"
	EvidencePlanted      Alert = "evidence_planted"
	RegistryChanged      Alert = "registry_changed"
	AnchorsMissing       Alert = "anchors_missing"
	ContainerUnclaimed   Alert = "container_unclaimed"
)

// Alerts lists them.
func Alerts() []Alert {
	return []Alert{RequestOverdue, RequestFailed, IntegrityViolation, OperatorActionNeeded, EventParked, ScanSilent, OutboxStalled,
		AuditChainBroken, StateDamaged, EvidencePlanted, RegistryChanged, AnchorsMissing, ContainerUnclaimed}
}
