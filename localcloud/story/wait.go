package story

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// pauseAfter is how long a story rests before it looks again: a tenth of the time it has waited. So a quick step is seen
// at once, and many who wait for a deadline leave the processors to the rest.
func pauseAfter(waited time.Duration) time.Duration {
	return min(max(waited/10, 15*time.Millisecond), time.Second)
}

// Eventually waits until the request reaches a status, and fails as soon as it has ended in another one.
func (p *Play) Eventually(status string) Request {
	began := time.Now()
	for {
		r, err := p.peek()
		switch {
		case err == nil && r.Status == status:
			p.reached(r)
			return r
		case err == nil && slices.Contains(ended, r.Status):
			p.Fail("want %s, got %s: %s", status, r.Status, r.Message())
		case err != nil && !p.options.Patient:
			p.Fail("%v", err)
		}
		if time.Since(began) > p.options.Within || p.ctx.Err() != nil {
			if err != nil {
				p.Fail("%s did not come within %v; the last look failed: %v", status, p.options.Within, err)
			}
			p.Fail("%s did not come within %v; the request is %s: %s", status, p.options.Within, r.Status, r.Message())
		}
		p.rest(pauseAfter(time.Since(began)))
	}
}

// Now is the request as it is.
func (p *Play) Now() Request {
	var e envelope
	p.must(p.As(p.creator).wants(http.StatusOK, http.MethodGet, p.path(""), nil, nil).Into(&e))
	return e.Request
}

// peek reads the request without ending the story when that fails.
func (p *Play) peek() (Request, error) {
	answer, err := p.Cloud.Call(p.ctx, p.creator, p.options.Workspace, http.MethodGet, p.path(""), nil, nil)
	if err != nil {
		return Request{}, err
	}
	if answer.Status != http.StatusOK {
		return Request{}, fmt.Errorf("reading the request: %s", answer)
	}
	var e envelope
	err = answer.Into(&e)
	return e.Request, err
}

// reached tells of a status the system brought about.
func (p *Play) reached(r Request) {
	if p.told == r.Status {
		return
	}
	p.told = r.Status
	what := map[string]string{
		InReview:      "all files copied and verified; " + p.scanWords(),
		Approved:      "the reviewed bytes have arrived, verified once more",
		Rejected:      "the bytes are out of everybody's reach",
		BlockedByScan: r.Message(),
		Failed:        r.Message(),
	}[r.Status]
	who := "airlock"
	if nameOf(r.UpdatedBy) != "system" {
		who = nameOf(r.UpdatedBy)
	}
	p.tell(r.Status, who, "%s", strings.TrimSuffix(what, "."))
}

func (p *Play) scanWords() string {
	policy, err := p.Cloud.Policy(p.ctx, p.options.Workspace)
	if scanning, _ := policy["malwareScanning"].(map[string]any); err == nil && scanning["enabled"] == false {
		return "not scanned, by the workspace's policy"
	}
	return "the scan found nothing"
}

// Until waits for anything: look returns "" when it has come, else what is missing.
func (p *Play) Until(look func() (missing string)) {
	began := time.Now()
	for {
		missing := look()
		if missing == "" {
			return
		}
		if time.Since(began) > p.options.Within || p.ctx.Err() != nil {
			p.Fail("%s, even after %v", missing, p.options.Within)
		}
		p.rest(pauseAfter(time.Since(began)))
	}
}
