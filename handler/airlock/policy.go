package airlock

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Policy is a workspace's demands on its requests. It is data in the
// registry row and never the caller's argument. Every member is
// optional in JSON: DefaultPolicy fills absent members.
type Policy struct {
	// Enabled false only keeps new requests out; those there are go on.
	Enabled         bool            `json:"enabled" doc:"New requests may be created; false answers 405, and requests that exist go on. Default true."`
	MalwareScanning ScanPolicy      `json:"malwareScanning"`
	Files           FilePolicy      `json:"files"`
	Gates           GatesPolicy     `json:"gates,omitzero" doc:"Gates beside the malware gate. Default: none."`
	Link            LinkPolicy      `json:"link"`
	Review          ReviewPolicy    `json:"review"`
	Access          AccessPolicy    `json:"access"`
	Form            FormPolicy      `json:"form"`
	Quotas          QuotaPolicy     `json:"quotas"`
	Retention       RetentionPolicy `json:"retention"`
	Deadlines       DeadlinePolicy  `json:"deadlines"`
	// Notifications overrides the rule table: status (or "overdue", or one of Notices) -> roles told
	// ("requestor", "workspace_owner", "airlock_manager", "workspace_researcher").
	Notifications map[string][]string `json:"notifications,omitempty" doc:"Overrides who is told on a status: status (or overdue, malware_found, draft_expiring, disagreement, third_reviewer, claim_expired, comment, reviewer_comment) to a list of requestor, workspace_owner, airlock_manager, workspace_researcher."`
}

// InconclusiveChoice says what becomes of a file nobody could scan.
type InconclusiveChoice string

// The choices.
const (
	InconclusiveBlock  InconclusiveChoice = "block"  // quarantine, and say it was not malware
	InconclusiveReview InconclusiveChoice = "review" // let a person decide, and tell them
	InconclusiveFail   InconclusiveChoice = "fail"   // failed; may be retried
)

// ConfirmChoice says what a clean verdict needs beside the scanner's event.
type ConfirmChoice string

// The choices.
const (
	ConfirmTag  ConfirmChoice = "tag"  // the scanner's own index tag on the blob
	ConfirmNone ConfirmChoice = "none" // nothing
)

// LateChoice says what becomes of a released file in which malware is found.
type LateChoice string

// The choices.
const (
	LateAlert  LateChoice = "alert"  // people and operators are told
	LateRevoke LateChoice = "revoke" // and the release is revoked
)

// ScanPolicy is about the malware gate.
type ScanPolicy struct {
	Enabled                bool               `json:"enabled" doc:"Files need a clean verdict before review. Default true."`
	VerdictDeadlineMinutes int                `json:"verdictDeadlineMinutes" minimum:"1" maximum:"10080" doc:"How long to wait for a verdict before scanning again. Default 60."`
	MaxRescans             int                `json:"maxRescans" minimum:"0" maximum:"5" doc:"Fresh copies made to get another verdict. Default 2."`
	Inconclusive           InconclusiveChoice `json:"inconclusive" enum:"block,review,fail" doc:"What becomes of a file that could not be scanned. Default block."`
	Confirm                ConfirmChoice      `json:"confirm" enum:"tag,none" doc:"What a clean verdict needs beside the scanner's event: the scanner's own index tag on the file, or nothing. Decided at submit. Default tag."`
	LateMalware            LateChoice         `json:"lateMalware" enum:"alert,revoke" doc:"What happens when malware is found in files that are released already: people are told, or the release is revoked as well. Default alert."`
}

// FilePolicy is about what may be submitted.
type FilePolicy struct {
	MaxFiles         int          `json:"maxFiles" minimum:"1" maximum:"500" doc:"Files per request. Default 1."`
	MaxFileBytes     int64        `json:"maxFileBytes" minimum:"1" doc:"Largest file, in bytes. Default 50 GiB, the malware scanner's limit."`
	MaxTotalBytes    int64        `json:"maxTotalBytes" minimum:"1" doc:"All files of a request together, in bytes. Default 100 GiB."`
	HashLimitBytes   int64        `json:"hashLimitBytes" minimum:"0" doc:"Files up to this size get a SHA-256; above it the ETag chain alone is the proof. Default 10 GiB."`
	NamePattern      string       `json:"namePattern,omitempty" maxLength:"500" doc:"RE2 regular expression every file name must match in full. Default: any name."`
	Litter           LitterChoice `json:"litter" enum:"refuse,ignore" doc:"What becomes of files that computers leave, such as .DS_Store and Thumbs.db, and of folder markers: submit is refused and names them, or they are left out. Default refuse."`
	SupportingFolder string       `json:"supportingFolder,omitempty" maxLength:"100" doc:"Files in this folder, e.g. supporting/, help reviewers: they are sealed, scanned and shown, count against the limits, and are never released. Default: none."`
	Import           FileRule     `json:"import"`
	Export           FileRule     `json:"export"`
}

// LitterChoice says what becomes of files that nobody meant to send.
type LitterChoice string

// The choices.
const (
	RefuseLitter LitterChoice = "refuse"
	IgnoreLitter LitterChoice = "ignore"
)

// FileRule says which names and file extensions one direction takes.
type FileRule struct {
	Names     NameRule `json:"names" enum:"unicode,plain" doc:"unicode: names in any script. plain: letters A-Z, digits, dots, blanks, underscores and hyphens, in at most three folders. Names of exports leave the workspace, so plain is their default; that of imports is unicode."`
	Allowed   []string `json:"allowedExtensions,omitempty" doc:"If not empty, only these (with dot, e.g. .csv)."`
	Forbidden []string `json:"forbiddenExtensions,omitempty" doc:"Never these."`
}

// LinkPolicy is about links handed to people.
type LinkPolicy struct {
	LifetimeMinutes int `json:"lifetimeMinutes" minimum:"5" maximum:"480" doc:"Life of a link. Default 60; 480 is the ceiling in code."`
}

// ReviewPolicy is about who must agree.
type ReviewPolicy struct {
	ImportApprovals int `json:"importApprovals" minimum:"1" maximum:"10" doc:"Distinct airlock managers who must approve an import. Default 1."`
	ExportApprovals int `json:"exportApprovals" minimum:"1" maximum:"10" doc:"The same for exports. Default 1."`
	// AllowSelfReview is for single-user trials and compatibility runs.
	AllowSelfReview   bool           `json:"allowSelfReview" doc:"A requestor who is an airlock manager may review their own request. Default false; shown wherever it has an effect."`
	MaxTurns          int            `json:"maxTurns" minimum:"1" maximum:"50" doc:"Turns that a request may have. In the last one no changes can be requested: it is approved or rejected. Default 10."`
	Independent       bool           `json:"independent" doc:"Reviewers work blind: until as many have decided as must, nobody sees a decision but its author, the requestor sees only how many decided, and no single decision ends the review. Decided when the gates are passed. Default false."`
	OnDisagreement    OnDisagreement `json:"onDisagreement" enum:"strictest,discuss,third_reviewer" doc:"How independent decisions that differ end the review. strictest: reject before request_changes before approve. discuss: everything becomes visible, and the review ends when all agree. third_reviewer: one more reviewer, blind too, makes a majority; without one, changes are requested. Default strictest."`
	SeparateRoles     bool           `json:"separateRoles" doc:"Who is also a researcher or an owner of the workspace may not review in it. Default false."`
	Anonymous         bool           `json:"anonymous" doc:"The requestor and other researchers see a reviewer, never who it is. Owners, airlock managers, auditors and the audit trail do. Decided when the gates are passed. Default false."`
	More              []Escalation   `json:"more,omitempty" maxItems:"20" doc:"Requests that need more approvals. The highest number that fits counts; it is decided when the gates are passed, and shown with its reason."`
	SecondLookPercent int            `json:"secondLookPercent" minimum:"0" maximum:"100" doc:"That share of requests needs one approval more. Nobody can predict or steer which. Default 0."`
	ClaimMinutes      int            `json:"claimMinutes" minimum:"1" maximum:"10080" doc:"How long a reviewer's claim on a request stands. Default 240."`
	// Applications is for trials and for tests without people.
	Applications bool `json:"applications" doc:"An application (a token without a person behind it) with the role may review and revoke, and its approvals count. Default false; shown wherever it has an effect."`
}

// Escalation asks for more approvals of requests that fit.
type Escalation struct {
	When      EscalationCase `json:"when" doc:"All members that are said must fit."`
	Approvals int            `json:"approvals" minimum:"1" maximum:"10"`
	Why       string         `json:"why" minLength:"1" maxLength:"200" doc:"Shown to people."`
}

// EscalationCase says which requests an escalation is for; an absent member fits any request.
type EscalationCase struct {
	Type           RequestType `json:"type,omitempty" enum:"import,export"`
	AnyExtension   []string    `json:"anyExtension,omitempty" maxItems:"50" doc:"A file has one of these (with dot)."`
	TotalBytesOver *int64      `json:"totalBytesOver,omitempty" minimum:"0"`
	FilesOver      *int        `json:"filesOver,omitempty" minimum:"0"`
	Findings       Severity    `json:"findings,omitempty" enum:"high,medium" doc:"A gate found something of this severity, or graver."`
	RequestorRole  Role        `json:"requestorRole,omitempty" enum:"WorkspaceResearcher,WorkspaceOwner,AirlockManager" doc:"The requestor holds this role too."`
}

// ColleagueAccess says what other researchers and owners of a workspace may do to
// a request.
type ColleagueAccess string

// The choices.
const (
	ColleaguesNone ColleagueAccess = "none"
	ColleaguesRead ColleagueAccess = "read" // the link of what was approved
	ColleaguesFull ColleagueAccess = "full" // as well the draft's link, submit and cancel
)

// AccessPolicy is about people beside the requestor.
type AccessPolicy struct {
	Colleagues ColleagueAccess `json:"colleagues" enum:"none,read,full" doc:"What other researchers and owners of the workspace may do to a request. read: get the link of what was approved. full: also get the draft's link, submit and cancel; whoever did never reviews the request. Default none."`
}

// FormPolicy holds the questions that requestors answer.
type FormPolicy struct {
	Import Form `json:"import" nullable:"false" maxItems:"40" doc:"Questions about imports. Default: none."`
	Export Form `json:"export" nullable:"false" maxItems:"40" doc:"Questions about exports. The default asks for what reviewers ask most, and requires none of it."`
}

// QuotaPolicy bounds the requests that one person can begin.
type QuotaPolicy struct {
	OpenDrafts     int `json:"openDrafts" minimum:"1" maximum:"1000" doc:"Drafts that one person may have at a time. Default 200."`
	SubmitsPerHour int `json:"submitsPerHour" minimum:"1" maximum:"100000" doc:"How often one person may submit within an hour, refused submits included; each instance of the service counts for itself. Default 600."`
}

// RetentionPolicy says after how many days the data of an ended request is
// deleted; 0 keeps it.
type RetentionPolicy struct {
	ApprovedDays int `json:"approvedDays" minimum:"0" maximum:"36500" doc:"Default 0: keep."`
	RejectedDays int `json:"rejectedDays" minimum:"0" maximum:"36500" doc:"Default 30."`
	BlockedDays  int `json:"blockedDays" minimum:"0" maximum:"36500" doc:"Default 90."`
	FailedDays   int `json:"failedDays" minimum:"0" maximum:"36500" doc:"Default 30: time to mend the cause and retry."`
	DraftDays    int `json:"draftDays" minimum:"0" maximum:"36500" doc:"After how many days a draft, or a returned request, that was not submitted is cancelled, and its data deleted; the requestor is told a week before, or half the time if that is less. 0 keeps it. Default 30."`
}

// DeadlinePolicy says after which time in a status people are told that a
// request is overdue; 0 never.
type DeadlinePolicy struct {
	DraftHours    int `json:"draftHours" minimum:"0" maximum:"87600" doc:"Default 336 (14 days)."`
	ReturnedHours int `json:"returnedHours" minimum:"0" maximum:"87600" doc:"Default 336 (14 days)."`
	InReviewHours int `json:"inReviewHours" minimum:"0" maximum:"87600" doc:"Default 120 (5 days)."`
	MovingMinutes int `json:"movingMinutes" minimum:"1" maximum:"525600" doc:"Submitted and *_in_progress. Default 240."`
}

// Ceilings in code that no policy may exceed.
const (
	MaxLinkLifetime = 8 * time.Hour
	MaxFilesCeiling = 500
	maxNamePattern  = 500
	maxExtensions   = 200
)

// DefaultPolicy is the policy of a workspace that says nothing: scanning on, one
// file, one reviewer who is not the requestor.
func DefaultPolicy() Policy {
	const gib = 1 << 30
	return Policy{
		Enabled:         true,
		MalwareScanning: ScanPolicy{Enabled: true, VerdictDeadlineMinutes: 60, MaxRescans: 2, Inconclusive: InconclusiveBlock, Confirm: ConfirmTag, LateMalware: LateAlert},
		Files:           FilePolicy{MaxFiles: 1, MaxFileBytes: 50 * gib, MaxTotalBytes: 100 * gib, HashLimitBytes: 10 * gib, Litter: RefuseLitter, Import: FileRule{Names: UnicodeNames}, Export: FileRule{Names: PlainNames}},
		Link:            LinkPolicy{LifetimeMinutes: 60},
		Review:          ReviewPolicy{ImportApprovals: 1, ExportApprovals: 1, MaxTurns: 10, OnDisagreement: Strictest, ClaimMinutes: 240},
		Form:            FormPolicy{Import: Form{}, Export: DefaultExportForm()},
		Access:          AccessPolicy{Colleagues: ColleaguesNone},
		Quotas:          QuotaPolicy{OpenDrafts: 200, SubmitsPerHour: 600},
		Retention:       RetentionPolicy{RejectedDays: 30, BlockedDays: 90, FailedDays: 30, DraftDays: 30},
		Deadlines:       DeadlinePolicy{DraftHours: 336, ReturnedHours: 336, InReviewHours: 120, MovingMinutes: 240},
	}
}

// UnmarshalJSON fills absent members with the defaults, so that
// a missing member can never switch a control off.
func (p *Policy) UnmarshalJSON(b []byte) error {
	type plain Policy // without this method
	filled := plain(DefaultPolicy())
	filled.Form.forget(b)
	if err := json.Unmarshal(b, &filled); err != nil {
		return err
	}
	*p = Policy(filled)
	return nil
}

// forget drops the default of each form that the document has: decoded over it, a question
// would keep members that the document leaves out.
func (f *FormPolicy) forget(document []byte) {
	var said struct {
		Form struct{ Import, Export json.RawMessage }
	}
	if json.Unmarshal(document, &said) != nil {
		return // the caller's own decoding says why
	}
	if said.Form.Import != nil {
		f.Import = Form{}
	}
	if said.Form.Export != nil {
		f.Export = Form{}
	}
}

// FormOf is the direction's form.
func (p Policy) FormOf(t RequestType) Form {
	if t == Export {
		return p.Form.Export
	}
	return p.Form.Import
}

// FileRule is the direction's rule of names and extensions.
func (p Policy) FileRule(t RequestType) FileRule {
	if t == Export {
		return p.Files.Export
	}
	return p.Files.Import
}

// Approvals is how many distinct reviewers a direction needs.
func (p Policy) Approvals(t RequestType) int {
	if t == Export {
		return p.Review.ExportApprovals
	}
	return p.Review.ImportApprovals
}

// LinkLifetime is the life of a link, never above the ceiling.
func (p Policy) LinkLifetime() time.Duration {
	return min(time.Duration(p.Link.LifetimeMinutes)*time.Minute, MaxLinkLifetime)
}

// VerdictDeadline is how long a verdict may take.
func (p Policy) VerdictDeadline() time.Duration {
	return time.Duration(p.MalwareScanning.VerdictDeadlineMinutes) * time.Minute
}

// Deadline is how long a request may stay in a status before it is overdue; 0
// means for ever.
func (p Policy) Deadline(s Status) time.Duration {
	switch {
	case s == Draft:
		return time.Duration(p.Deadlines.DraftHours) * time.Hour
	case s == Returned:
		return time.Duration(p.Deadlines.ReturnedHours) * time.Hour
	case s == InReview:
		return time.Duration(p.Deadlines.InReviewHours) * time.Hour
	case s.Moving():
		return time.Duration(p.Deadlines.MovingMinutes) * time.Minute
	}
	return 0
}

// KeepFor is how long the data of an ended request is kept; 0 means for ever.
func (p Policy) KeepFor(s Status) time.Duration {
	days := map[Status]int{Approved: p.Retention.ApprovedDays, Rejected: p.Retention.RejectedDays,
		BlockedByScan: p.Retention.BlockedDays, Failed: p.Retention.FailedDays}[s]
	return time.Duration(days) * 24 * time.Hour
}

// draftNotice is how long before a draft expires its requestor is told.
const draftNotice = 7 * 24 * time.Hour

// DraftLife is how long a draft may wait to be submitted, and how long before its
// end people are told; 0 means for ever.
func (p Policy) DraftLife() (life, notice time.Duration) {
	life = time.Duration(p.Retention.DraftDays) * 24 * time.Hour
	return life, min(draftNotice, life/2)
}

// Check returns every rule of policy documents that p breaks. The bounds of
// numbers and the choices of words stand in the tags of the members, where the
// JSON Schema has them from too.
func (p Policy) Check() []Violation {
	out := checkTags("policy", reflect.ValueOf(p))
	if _, err := regexp.Compile(p.Files.NamePattern); err != nil || len(p.Files.NamePattern) > maxNamePattern {
		out = append(out, Violation{Rule: "bad_pattern", Message: "policy.files.namePattern is not a valid RE2 expression of at most 500 characters."})
	}
	for _, list := range [][]string{p.Files.Import.Allowed, p.Files.Import.Forbidden, p.Files.Export.Allowed, p.Files.Export.Forbidden} {
		if len(list) > maxExtensions || slices.ContainsFunc(list, func(e string) bool {
			return len(e) < 2 || len(e) > 32 || e[0] != '.' || strings.ContainsAny(e[1:], "./\\ ")
		}) {
			out = append(out, Violation{Rule: "bad_extension", Message: "policy.files: extensions are written with their dot, e.g. .csv; at most 200 in a list."})
			break
		}
	}
	out = append(out, p.Gates.check()...)
	if folder := p.Files.SupportingFolder; folder != "" && (!strings.HasSuffix(folder, "/") || CheckFileName(strings.TrimSuffix(folder, "/"), PlainNames) != "") {
		out = append(out, Violation{Rule: "bad_folder", Message: "policy.files.supportingFolder is a plain folder name that ends in a slash, e.g. supporting/."})
	}
	out = append(append(out, p.Form.Import.Check("policy.form.import")...), p.Form.Export.Check("policy.form.export")...)
	return append(append(out, p.Review.checkMore()...), p.checkNotifications()...)
}

// NotificationRoles are the recipients a rule may name.
var NotificationRoles = []string{"requestor", "workspace_owner", "airlock_manager", "workspace_researcher"}

func (p Policy) checkNotifications() []Violation {
	var out []Violation
	for status, roles := range p.Notifications {
		if !Status(status).Valid() && status != "overdue" && !slices.Contains(Notices(), status) {
			out = append(out, Violation{Rule: "unknown_value", Message: fmt.Sprintf("policy.notifications: %q is no status.", status)})
		}
		for _, role := range roles {
			if !slices.Contains(NotificationRoles, role) {
				out = append(out, Violation{Rule: "unknown_value", Message: fmt.Sprintf("policy.notifications: %q is nobody to tell; use %s.", role, strings.Join(NotificationRoles, ", "))})
			}
		}
	}
	return out
}
