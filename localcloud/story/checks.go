package story

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/logicapp"
)

// stages hold the bytes, by direction and status.
var stages = map[string]map[string]string{
	Import: {Draft: "stalimex", Returned: "stalimex", Submitted: "stalimip", InReview: "stalimip", Approved: "stalimapp", Rejected: "stalimrej", BlockedByScan: "stalimblocked"},
	Export: {Draft: "stalexint", Returned: "stalexint", Submitted: "stalexip", InReview: "stalexip", Approved: "stalexapp", Rejected: "stalexrej", BlockedByScan: "stalexblocked"},
}

// The stages of the core; those that the internet does not reach may share an account.
var (
	corePublic  = []string{"stalimex", "stalexapp"}
	corePrivate = []string{"stalimip", "stalimrej", "stalimblocked"}
)

// Account is where the bytes of a request lie in a status where every stage has an account, "" for nowhere.
func Account(direction, status, workspace string) string {
	stage := stages[direction][status]
	switch {
	case stage == "":
		return ""
	case slices.Contains(corePublic, stage) || slices.Contains(corePrivate, stage):
		return stage + "local"
	}
	return stage + workspace
}

// place is where the bytes of the request in play lie in a status: the account, "" for nowhere, and the container.
func (p *Play) place(status string) (account, container string) {
	account, container = Account(p.direction, status, p.options.Workspace), p.ID
	if p.turn > 1 {
		container = fmt.Sprintf("%s-%d", p.ID, p.turn)
	}
	stage := stages[p.direction][status]
	switch {
	case account == "" || slices.Contains(corePublic, stage):
	case slices.Contains(corePrivate, stage) && slices.Contains(p.Cloud.Compact, "core"):
		account, container = "stalcorelocal", stage+"-"+container
	case !slices.Contains(corePrivate, stage) && slices.Contains(p.Cloud.Compact, p.options.Workspace):
		account, container = "stalws"+p.options.Workspace, stage+"-"+container
	}
	return account, container
}

// BytesLieWhereTheyBelong looks into every storage account, past the API: the uploaded bytes are in the account of the
// request's status and identical, and nowhere else is anything left, not even an empty container.
func (p *Play) BytesLieWhereTheyBelong() *Play {
	r := p.Now()
	want, container := p.place(r.Status)
	p.Until(func() string {
		there := false
		for _, account := range p.Cloud.Ground.Accounts() {
			names, err := p.Cloud.Ground.Containers(p.ctx, account)
			if err != nil {
				return err.Error()
			}
			for _, name := range names {
				switch {
				case account == want && name == container:
					there = true
				case strings.Contains(name, p.ID):
					return fmt.Sprintf("the container %s is left in %s", name, account)
				}
			}
		}
		if want != "" && !there {
			return fmt.Sprintf("there is no container %s in %s", container, want)
		}
		return ""
	})
	if want == "" {
		p.tell("", "check", "no storage account holds anything of it")
		return p
	}
	p.holds(want, container)
	p.tell("", "check", "%s: %s byte-identical; no other account has anything of it", want, p.filesInWords())
	return p
}

// holds compares the bytes in one container with what was uploaded.
func (p *Play) holds(account, container string) {
	blobs, _, err := p.Cloud.Ground.Blobs(p.ctx, account, container)
	p.must(err)
	p.Holds(len(blobs) == len(p.files), "%s holds %d files, uploaded were %d", account, len(blobs), len(p.files))
	draftAccount, draft := p.place(Draft)
	for _, f := range p.files {
		i := slices.IndexFunc(blobs, func(b groundBlob) bool { return b.Name == f.Name })
		p.Holds(i >= 0, "%s does not hold %q", account, f.Name)
		sum, err := p.Cloud.Ground.SHA256(p.ctx, account, container, f.Name)
		p.must(err)
		p.Holds(blobs[i].Size == f.Size && sum == f.SHA256(), "%s holds other bytes as %q than were uploaded", account, f.Name)
		if account != draftAccount || container != draft {
			p.Holds(BroughtAlong(blobs[i]) == "", "%s holds %q with %s", account, f.Name, BroughtAlong(blobs[i]))
		}
	}
}

// BroughtAlong is an uploader's text that came along with the bytes of a blob, "" for none. The
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

// Verification is the API's answer about an audit trail.
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
