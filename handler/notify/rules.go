package notify

import (
	"slices"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/wording"
)

// Overdue is the kind of notice about a request that has been in its status
// longer than the policy allows. All other kinds but airlock.Notices are the status reached.
const Overdue = wording.Overdue

// The recipients of notifications, by their names in the policy.
const (
	Requestor  = wording.Requestor
	Owner      = "workspace_owner"
	Manager    = wording.Manager
	Researcher = "workspace_researcher"
)

// Rule is one row of the table of who is told what.
type Rule struct {
	Kind string           // a status, or Overdue
	In   []airlock.Status // for Overdue: the statuses it is about; nil: any
	Tell []string
	Why  string
}

// rules is the table in force where a workspace's policy does not say otherwise.
// A kind without a row is told to nobody.
var rules = []Rule{
	{Kind: string(airlock.Draft), Tell: []string{Requestor}, Why: "the container is ready for the upload"},
	{Kind: string(airlock.Submitted), Tell: []string{Requestor}, Why: "the submission has arrived"},
	{Kind: string(airlock.InReview), Tell: []string{Owner, Manager}, Why: "somebody has to decide"},
	{Kind: string(airlock.Returned), Tell: []string{Requestor}, Why: "a reviewer says what must change"},
	{Kind: string(airlock.ApprovalInProgress), Tell: []string{Requestor}, Why: "decided; the data is on its way"},
	{Kind: string(airlock.Approved), Tell: []string{Requestor}, Why: "the data can be fetched"},
	{Kind: string(airlock.RejectionInProgress), Tell: []string{Requestor}, Why: "decided"},
	{Kind: string(airlock.Rejected), Tell: []string{Requestor}, Why: "the end of this request"},
	{Kind: string(airlock.Cancelled), Tell: []string{Requestor}, Why: "perhaps somebody else cancelled it"},
	{Kind: string(airlock.BlockedByScan), Tell: []string{Requestor, Owner}, Why: "the data is quarantined"},
	{Kind: string(airlock.Failed), Tell: []string{Requestor, Owner, Manager}, Why: "somebody has to mend it and retry"},
	{Kind: string(airlock.Revoked), Tell: []string{Requestor, Owner}, Why: "links that are out no longer work"},
	{Kind: airlock.NoticeMalwareFound, Tell: []string{Requestor, Owner, Manager}, Why: "whoever has the files must know, and somebody may have to revoke"},
	{Kind: airlock.NoticeDraftExpiring, Tell: []string{Requestor}, Why: "what was uploaded is deleted soon"},
	{Kind: airlock.NoticeDisagreement, Tell: []string{Manager}, Why: "the reviewers have to agree"},
	{Kind: airlock.NoticeThirdReviewer, Tell: []string{Manager}, Why: "one more reviewer has to decide"},
	{Kind: airlock.NoticeClaimExpired, Tell: []string{Manager}, Why: "nobody is on it any more"},
	{Kind: airlock.NoticeComment, Tell: []string{Requestor, Manager}, Why: "somebody asks or answers"},
	{Kind: airlock.NoticeReviewerComment, Tell: []string{Manager}, Why: "a reviewer asks or answers"},
	{Kind: Overdue, In: []airlock.Status{airlock.Draft}, Tell: []string{Requestor}, Why: "it waits for the requestor"},
	{Kind: Overdue, In: []airlock.Status{airlock.Returned}, Tell: []string{Requestor}, Why: "it waits for the requestor"},
	{Kind: Overdue, In: []airlock.Status{airlock.InReview}, Tell: []string{Owner, Manager}, Why: "it waits for a reviewer"},
	{Kind: Overdue, Tell: []string{Owner}, Why: "it waits for the system; operators have an alert of their own"},
}

// Rules returns a copy of the table, for documents and tests.
func Rules() []Rule { return slices.Clone(rules) }

// toldOf returns who is told about a notice: what the policy says for its kind,
// else the first row that fits.
func toldOf(kind string, in airlock.Status, policy airlock.Policy) []string {
	if told, ok := policy.Notifications[kind]; ok {
		return told
	}
	for _, r := range rules {
		if r.Kind == kind && (r.In == nil || slices.Contains(r.In, in)) {
			return r.Tell
		}
	}
	return nil
}

// roleOf maps who is told to the role whose members the directory knows.
var roleOf = map[string]airlock.Role{
	Owner: airlock.RoleOwner, Manager: airlock.RoleManager, Researcher: airlock.RoleResearcher,
}
