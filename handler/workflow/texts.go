package workflow

import (
	"fmt"

	"example.org/airlock/handler/airlock"
)

// said is a text of a caller's, the member it came in, and the rule it has to keep.
type said struct {
	member, text string
	check        func(string) string
}

// checkTexts returns an *airlock.InvalidError that names every text which breaks
// its rule: people read them in lists, mails and records.
func checkTexts(texts ...said) error {
	var violations []airlock.Violation
	for _, t := range texts {
		if t.text == "" { // whether it may be missing is the edge's to say
			continue
		}
		if bad := t.check(t.text); bad != "" {
			violations = append(violations, airlock.Violation{Rule: "text", Member: t.member, Message: fmt.Sprintf("%s %s.", t.member, bad)})
		}
	}
	if violations != nil {
		return &airlock.InvalidError{Violations: violations}
	}
	return nil
}
