package airlock

// Outlook is the outcome of a turn of a request by gates and policy.
type Outlook string

// The outlooks.
const (
	OutlookReview      Outlook = "review"      // reviewers decide
	OutlookAcknowledge Outlook = "acknowledge" // reviewers decide, and say why findings may leave
	OutlookReturn      Outlook = "return"      // back to the requestor
	OutlookFail        Outlook = "fail"        // the request fails
	OutlookBlock       Outlook = "block"       // quarantine
	OutlookRefuse      Outlook = "refuse"      // it cannot be submitted
	OutlookUnknown     Outlook = "unknown"     // a gate has not said what it would take
)

// Outlooks lists all.
func Outlooks() []Outlook {
	return []Outlook{OutlookReview, OutlookAcknowledge, OutlookReturn, OutlookFail, OutlookBlock, OutlookRefuse, OutlookUnknown}
}

// outlook is the outcome of the present turn by the gates beside the malware gate, as far as
// they have spoken. The malware gate counts as passed, unless it stopped the request.
func (r Request) outlook() Outlook {
	if r.stoppedByScan() {
		return OutlookBlock
	}
	w := r.walkGates(false, r.UpdatedWhen)
	switch {
	case w.stop != nil:
		return w.stop.means()
	case w.waits:
		return OutlookUnknown
	}
	for _, g := range r.Gates {
		if g.Review > 0 {
			return OutlookAcknowledge
		}
	}
	return OutlookReview
}

// stoppedByScan reports whether the malware gate had the request quarantined.
func (r Request) stoppedByScan() bool {
	quarantined := r.Status == BlockingInProgress || r.Status == BlockedByScan
	return quarantined && (r.MalwareFound() || r.walkGates(false, r.UpdatedWhen).stop == nil)
}

// means is the outcome for a request that the gate stops.
func (g GateRun) means() Outlook {
	switch {
	case g.Status == RunReturned || g.Status == RunInconclusive && g.Policy.Inconclusive == InconclusiveReturn:
		return OutlookReturn
	case g.Status == RunInconclusive && g.Policy.Inconclusive == InconclusiveFail:
		return OutlookFail
	}
	return OutlookBlock
}
