package airlock

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// AcknowledgementsFormat is the version of the format of Acknowledgements.
const AcknowledgementsFormat = "airlock-acknowledgements/1"

// Acknowledgement is a reviewer's word that they saw a group of findings, and why the
// files may leave all the same.
type Acknowledgement struct {
	Gate   string `json:"gate"`
	Group  string `json:"group"`
	Reason string `json:"reason"`
}

// Acknowledgements is an item in the evidence account: the groups that one reviewer acknowledged
// with one approval.
type Acknowledgements struct {
	Format   string            `json:"format"`
	Request  RequestID         `json:"request"`
	Turn     int               `json:"turn"`
	Reviewer UserID            `json:"reviewer"`
	Findings map[string]string `json:"findings"` // of each gate, the SHA-256 of its report
	Said     []Acknowledgement `json:"acknowledgements"`
}

// Bounds of the reason of an acknowledgement, in characters.
const (
	minAckReason = 10
	maxAckReason = 1000
)

// UnacknowledgedError names the findings that an approval has to acknowledge first.
type UnacknowledgedError struct{ Missing []Violation }

func (e *UnacknowledgedError) Error() string {
	return fmt.Sprintf("airlock: %d groups of findings are not acknowledged", len(e.Missing))
}

// CheckAcknowledgements compares a reviewer's acknowledgements with the groups of a gate's
// findings that ask for it: wrong lists unknown groups, missing the groups left out.
func CheckAcknowledgements(groups map[string][]string, said []Acknowledgement) (wrong, missing []Violation) {
	for i, a := range said {
		member := fmt.Sprintf("acknowledgements[%d]", i)
		switch n := utf8.RuneCountInString(a.Reason); {
		case !slices.Contains(groups[a.Gate], a.Group):
			wrong = append(wrong, Violation{Rule: "unknown_findings", Member: member, Message: fmt.Sprintf("The gate %q has no findings %q to acknowledge.", shown(a.Gate), shown(a.Group))})
		case n < minAckReason || n > maxAckReason || CheckText(a.Reason) != "":
			wrong = append(wrong, Violation{Rule: "bad_text", Member: member, Message: fmt.Sprintf("Say in %d to %d characters why %s may leave.", minAckReason, maxAckReason, a.Group)})
		case slices.ContainsFunc(said[:i], func(b Acknowledgement) bool { return b.Gate == a.Gate && b.Group == a.Group }):
			wrong = append(wrong, Violation{Rule: "said_twice", Member: member, Message: fmt.Sprintf("%s of %s is acknowledged twice.", a.Group, a.Gate)})
		}
	}
	for gate, all := range groups {
		for _, group := range all {
			if !slices.ContainsFunc(said, func(a Acknowledgement) bool { return a.Gate == gate && a.Group == group }) {
				missing = append(missing, Violation{Rule: "findings_not_acknowledged", Member: gate + " " + group, Message: fmt.Sprintf("The findings %s of the gate %s are not acknowledged.", group, gate)})
			}
		}
	}
	slices.SortFunc(missing, func(a, b Violation) int {
		if a.Member < b.Member {
			return -1
		}
		return 1
	})
	return wrong, missing
}
