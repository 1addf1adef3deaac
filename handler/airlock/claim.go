package airlock

import "time"

// Claim says that a reviewer is on a request. It never keeps others from reviewing.
type Claim struct {
	By    Principal `json:"by"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until"` // when it ends by itself
}

// ClaimAt is the claim that stands at a moment, nil for none.
func (r Request) ClaimAt(now time.Time) *Claim {
	if r.Claim == nil || r.Status != InReview || !now.Before(r.Claim.Until) {
		return nil
	}
	return r.Claim
}

// ClaimLife is how long a claim stands.
func (p Policy) ClaimLife() time.Duration { return time.Duration(p.Review.ClaimMinutes) * time.Minute }
