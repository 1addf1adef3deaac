package notices_test

import "example.org/airlock/localcloud/story"

// Who may be told, in the words of the specification.
const (
	requestor = "the requestor"
	owners    = "the workspace owners"
	managers  = "the airlock managers"
)

// specified is who is told on what where a workspace says nothing else. A kind that is not here is told to nobody.
var specified = map[string][]string{
	story.Draft:               {requestor},
	story.Submitted:           {requestor},
	story.InReview:            {owners, managers},
	story.Returned:            {requestor},
	story.ApprovalInProgress:  {requestor},
	story.Approved:            {requestor},
	story.RejectionInProgress: {requestor},
	story.Rejected:            {requestor},
	story.Cancelled:           {requestor},
	story.BlockedByScan:       {requestor, owners},
	story.Failed:              {requestor, owners, managers},
	story.Revoked:             {requestor, owners},
	"malware_found":           {requestor, owners, managers},
	"draft_expiring":          {requestor},
	"overdue in draft":        {requestor},
	"overdue in in_review":    {owners, managers},
	"overdue in submitted":    {owners},
	"overdue in returned":     {requestor},
	"disagreement":            {managers},
	"third_reviewer":          {managers},
	"claim_expired":           {managers},
	"comment":                 {requestor, managers},
	"reviewer_comment":        {managers},
}

// genomics has somebody for everything.
var genomics = map[string][]string{
	owners:   {"owner@tre.example"},
	managers: {"manager@tre.example", "manager2@tre.example", "manager3@tre.example", "senior@tre.example", "researcher-manager@tre.example"},
}

// due lists the mails that these kinds must lead to for a request of persona.
func due(people map[string][]string, persona string, kinds ...string) (mails []told) {
	for _, kind := range kinds {
		seen := map[string]bool{}
		for _, who := range specified[kind] {
			addresses := people[who]
			if who == requestor {
				addresses = []string{persona + "@tre.example"}
			}
			for _, a := range addresses {
				if !seen[a] {
					seen[a] = true
					mails = append(mails, told{kind, a})
				}
			}
		}
	}
	return mails
}
