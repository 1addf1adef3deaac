package story

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/logicapp"
)

// stages are the accounts that hold the bytes, by direction and status; those of a workspace end in its name, those of
// the core in the TRE's.
var stages = map[string]map[string]string{
	Import: {Draft: "stalimexlocal", Returned: "stalimexlocal", Submitted: "stalimiplocal", InReview: "stalimiplocal", Approved: "stalimapp", Rejected: "stalimrejlocal", BlockedByScan: "stalimblockedlocal"},
	Export: {Draft: "stalexint", Returned: "stalexint", Submitted: "stalexip", InReview: "stalexip", Approved: "stalexapplocal", Rejected: "stalexrej", BlockedByScan: "stalexblocked"},
}

// Account is where the bytes of a request lie in a status, "" for nowhere.
func Account(direction, status, workspace string) string {
	account := stages[direction][status]
	if account != "" && !strings.HasSuffix(account, "local") {
		account += workspace
	}
	return account
}

// account is Account for the request in play.
func (p *Play) account(status string) string {
	return Account(p.direction, status, p.options.Workspace)
}

// BytesLieWhereTheyBelong looks into every storage account, past the API: the uploaded bytes are in the account of the
// request's status and identical, and nowhere else is anything left, not even an empty container.
func (p *Play) BytesLieWhereTheyBelong() *Play {
	r := p.Now()
	want := p.account(r.Status)
	p.Until(func() string {
		for _, account := range p.Cloud.Ground.Accounts() {
			for _, earlier := range p.otherContainers() {
				_, exists, err := p.Cloud.Ground.Blobs(p.ctx, account, earlier)
				if err != nil || exists {
					return fmt.Sprintf("the container %s is left in %s (%v)", earlier, account, err)
				}
			}
			_, exists, err := p.Cloud.Ground.Blobs(p.ctx, account, p.container())
			switch {
			case err != nil:
				return err.Error()
			case exists && account != want:
				return "a container is left in " + account
			case !exists && account == want:
				return "there is no container in " + account
			}
		}
		return ""
	})
	if want == "" {
		p.tell("", "check", "no storage account holds anything of it")
		return p
	}
	p.holds(want)
	p.tell("", "check", "%s: %s byte-identical; no other account has anything of it", want, p.filesInWords())
	return p
}

// holds compares the bytes in one account with what was uploaded.
func (p *Play) holds(account string) {
	blobs, _, err := p.Cloud.Ground.Blobs(p.ctx, account, p.container())
	p.must(err)
	p.Holds(len(blobs) == len(p.files), "%s holds %d files, uploaded were %d", account, len(blobs), len(p.files))
	for _, f := range p.files {
		i := slices.IndexFunc(blobs, func(b groundBlob) bool { return b.Name == f.Name })
		p.Holds(i >= 0, "%s does not hold %q", account, f.Name)
		sum, err := p.Cloud.Ground.SHA256(p.ctx, account, p.container(), f.Name)
		p.must(err)
		p.Holds(blobs[i].Size == f.Size && sum == f.SHA256(), "%s holds other bytes as %q than were uploaded", account, f.Name)
		if account != p.account(Draft) {
			p.Holds(BroughtAlong(blobs[i]) == "", "%s holds %q with %s", account, f.Name, BroughtAlong(blobs[i]))
		}
	}
}

// BroughtAlong is what an uploader has said of the bytes of a blob that has come along with them, "" for nothing. The
// service's own mark, and the scanner's word, are no such thing.
func BroughtAlong(b ground.Blob) string {
	for name, value := range b.Said {
		if name != "metadata airlocksource" && !strings.HasPrefix(name, "tag Malware Scanning") {
			return name + ": " + value
		}
	}
	return ""
}

// OldDraftLinkIsDead uses the link the upload was made with: it must find nothing any more, and say so with 404.
func (p *Play) OldDraftLinkIsDead() *Play {
	p.Until(func() string {
		_, status, err := p.Cloud.listed(p.ctx, link(p.draftLink))
		p.must(err)
		if status != http.StatusNotFound {
			return fmt.Sprintf("the old draft link is answered with %d, not 404", status)
		}
		return ""
	})
	p.tell("", "check", "the old draft link answers 404")
	return p
}

// HistoryReads compares the history with who did what, in order: "researcher draft", "system in_review".
func (p *Play) HistoryReads(steps ...string) *Play {
	got := p.Now().Steps()
	p.Holds(slices.Equal(got, steps), "the history reads\n    %s\n  and should read\n    %s", join(got), join(steps))
	p.tell("", "check", "history: %s", join(steps))
	return p
}

// trail is how the API shows the audit trail.
type trail struct {
	Records []struct {
		Seq    int         `json:"seq"`
		Record AuditRecord `json:"record"`
	} `json:"records"`
	Verification Verification `json:"verification"`
	NextPage     string       `json:"nextPage"`
}

// Verification is what the API says of an audit trail.
type Verification struct {
	OK       bool `json:"ok"`
	Records  int  `json:"records"`
	Problems []struct {
		Seq  int    `json:"seq"`
		What string `json:"what"`
	} `json:"problems"`
}

// AuditRecord is one record of the audit trail as the API shows it.
type AuditRecord struct {
	Seq      int    `json:"seq"`
	Action   string `json:"action"`
	From     string `json:"from"`
	To       string `json:"to"`
	Security bool   `json:"security"`
	Actor    struct {
		Kind string `json:"kind"`
		ID   string `json:"id"`
	} `json:"actor"`
	Reason string            `json:"reason"`
	Detail map[string]string `json:"detail"`
}

func (p *Play) trail() trail {
	var whole trail
	for page := "?limit=50"; page != ""; {
		var t trail
		p.must(p.As(p.creator).wants(http.StatusOK, http.MethodGet, p.path("/history"+page), nil, nil).Into(&t))
		t.Records = append(whole.Records, t.Records...)
		whole, page = t, ""
		if t.NextPage != "" {
			page = "?limit=50&page=" + t.NextPage
		}
	}
	return whole
}

// Trail returns the records of the audit trail.
func (p *Play) Trail() []AuditRecord {
	var records []AuditRecord
	for _, row := range p.trail().Records {
		records = append(records, row.Record)
	}
	return records
}

// TrailResult asks the API whether the audit trail verifies.
func (p *Play) TrailResult() Verification { return p.trail().Verification }

// TrailVerifies asks the API for the audit trail and its verification.
func (p *Play) TrailVerifies() *Play {
	t := p.trail()
	p.Holds(t.Verification.OK, "the audit trail does not verify: %v", t.Verification.Problems)
	p.Holds(t.Verification.Records == len(t.Records) && len(t.Records) > 0, "%d audit records are shown, %d were verified", len(t.Records), t.Verification.Records)
	p.tell("", "check", "audit trail: %d records, the chain verifies", len(t.Records))
	return p
}

// TrailHas looks for an audit record that fits.
func (p *Play) TrailHas(what string, fits func(AuditRecord) bool) *Play {
	records := p.Trail()
	p.Holds(slices.ContainsFunc(records, fits), "the audit trail has no record of %s: %+v", what, records)
	return p
}

// TrailLacks looks for an audit record that must not be there.
func (p *Play) TrailLacks(what string, fits func(AuditRecord) bool) *Play {
	records := p.Trail()
	p.Holds(!slices.ContainsFunc(records, fits), "the audit trail has a record of %s: %+v", what, records)
	return p
}

// TrailHasSoon waits for an audit record that fits.
func (p *Play) TrailHasSoon(what string, fits func(AuditRecord) bool) *Play {
	p.Until(func() string {
		if !slices.ContainsFunc(p.Trail(), fits) {
			return "the audit trail has no record of " + what
		}
		return ""
	})
	return p
}

// MailsReach waits until everybody named has a mail about the request.
func (p *Play) MailsReach(personas ...string) *Play {
	p.Until(func() string {
		mails, err := p.Cloud.Mails()
		if err != nil { // perhaps while one was being written
			return err.Error()
		}
		for _, persona := range personas {
			if !slices.ContainsFunc(mails, func(m logicapp.Mail) bool { return m.RequestID == p.ID && strings.EqualFold(m.To, mailOf(persona)) }) {
				return "no mail about the request has reached " + persona
			}
		}
		return ""
	})
	p.tell("", "check", "mails reached %s", join(personas))
	return p
}
