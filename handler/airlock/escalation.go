package airlock

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"example.org/airlock/handler/inspect"
)

// fits reports whether an escalation is for a request whose files are sealed.
func (e EscalationCase) fits(r Request) bool {
	var total int64
	extension := len(e.AnyExtension) == 0
	for _, f := range r.Files {
		total += f.Size
		extension = extension || slices.Contains(e.AnyExtension, Extension(f.Name))
	}
	return extension && (e.Type == "" || e.Type == r.Type) && (e.TotalBytesOver == nil || total > *e.TotalBytesOver) &&
		(e.FilesOver == nil || len(r.Files) > *e.FilesOver) && (e.Findings == "" || r.FoundAtLeast(e.Findings)) && (e.RequestorRole == "" || slices.Contains(r.CreatedBy.Roles, e.RequestorRole))
}

// WhySecondLook is why a request drawn by chance needs one approval more.
const WhySecondLook = "second look"

// NewReviewRule is the rule by which a review that begins now ends. Required is 0 where
// nothing asks for more than the policy's own number, which may change meanwhile.
func (r Request) NewReviewRule(p Policy) ReviewRule {
	rule := ReviewRule{Independent: p.Review.Independent, Anonymous: p.Review.Anonymous || r.Rule.Anonymous}
	if rule.Independent {
		rule.OnDisagreement = p.Review.OnDisagreement
	}
	required := p.Approvals(r.Type)
	for _, more := range p.Review.More {
		switch {
		case !more.When.fits(r) || more.Approvals < required || more.Approvals == required && rule.Required == 0:
		case more.Approvals > required:
			required, rule.Required, rule.Why = more.Approvals, more.Approvals, []string{more.Why}
		case !slices.Contains(rule.Why, more.Why):
			rule.Why = append(rule.Why, more.Why)
		}
	}
	if r.drawn(p.Review.SecondLookPercent) {
		rule.Required, rule.Why = required+1, append(rule.Why, WhySecondLook)
	}
	return rule
}

// drawn reports whether the request is among a share of all. The head of its chain
// decides: times and ETags of the system are in it, so that nobody can steer it.
func (r Request) drawn(percent int) bool {
	sum := sha256.Sum256([]byte("second look\x00" + r.Chain.Hash))
	return binary.BigEndian.Uint64(sum[:8])%100 < uint64(max(percent, 0))
}

// checkMore returns the faults of the escalations.
func (p ReviewPolicy) checkMore() []Violation {
	var out []Violation
	bad := func(i int, what string) {
		out = append(out, Violation{Rule: "bad_escalation", Message: fmt.Sprintf("policy.review.more[%d] %s", i, what)})
	}
	if len(p.More) > 20 {
		bad(20, "is one too many: at most 20.")
	}
	for i, e := range p.More {
		if e.Approvals < 1 || e.Approvals > 10 {
			bad(i, "asks for fewer than 1 or more than 10 approvals.")
		}
		if CheckLine(e.Why) != "" || len([]rune(e.Why)) > 200 {
			bad(i, "needs a why: one line of at most 200 characters, which people are shown.")
		}
		if e.When.Type != "" && !e.When.Type.Valid() {
			bad(i, "names no direction: type is import or export.")
		}
		if e.When.RequestorRole != "" && !slices.Contains(WorkspaceRoles, e.When.RequestorRole) {
			bad(i, "names no role of a workspace.")
		}
		if f := e.When.Findings; f != "" && f != inspect.High && f != inspect.Medium {
			bad(i, "names no severity: findings is high or medium.")
		}
		if slices.ContainsFunc(e.When.AnyExtension, func(x string) bool { return len(x) < 2 || len(x) > 32 || x[0] != '.' }) {
			bad(i, "has an extension without its dot.")
		}
	}
	return out
}
