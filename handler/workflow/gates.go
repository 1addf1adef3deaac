package workflow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
)

// Messages of the gate; the four outcomes are kept apart.
const (
	messageWaitingScan  = "Waiting for the malware scan."
	messageInconclusive = "The files could not be scanned (%s). This does not mean that malware was found. They are blocked because the workspace's policy does not let unscanned files through."
	messageUnscanned    = "The files could not be scanned (%s). The workspace's policy leaves the decision to the reviewer."
)

// passGates opens the gate when every file has a clean verdict for the bytes in
// the in-progress account, shuts it on a malicious one, and waits otherwise.
// Where the policy had switched scanning off at submit it is open, and verdicts
// that come nevertheless are records only.
func (c *change) passGates() error {
	if blocked, err := c.blockMalware(); blocked {
		return err
	}
	if c.ScanRequired && !c.clean() {
		c.StatusMessage = messageWaitingScan
		return nil
	}
	c.ApprovalsRequired = c.ws.Policy.Approvals(c.Type)
	rec, err := c.move(airlock.TriggerGatesPassed, "")
	if err != nil {
		return err
	}
	rec.Detail = map[string]string{"scan": c.scanSummary()}
	return nil
}

func (c *change) clean() bool {
	for _, f := range c.Files {
		if v, ok := f.VerdictFor(f.InProgressETag); !ok || v.Outcome != airlock.Clean {
			return false
		}
	}
	return true
}

// malicious returns the verdict that found malware in the present bytes, or nil.
func (c *change) malicious() *airlock.Verdict {
	for _, f := range c.Files {
		if v, found := f.Malware(); found {
			return &v
		}
	}
	return nil
}

// blockMalware quarantines the request if malware was found in its present bytes
// and scanning was on at submit, and reports whether that was so.
func (c *change) blockMalware() (blocked bool, err error) {
	bad := c.malicious()
	if !c.ScanRequired || bad == nil {
		return false, nil
	}
	return true, c.block(bad)
}

// block quarantines the request because of malware.
func (c *change) block(v *airlock.Verdict) error {
	what := "Malware was found"
	if len(v.Malware) > 0 {
		what += ": " + strings.Join(v.Malware, ", ")
	}
	if c.Status == airlock.ApprovalInProgress {
		c.undoMove()
	}
	c.BlockReason = what + "."
	rec, err := c.move(airlock.TriggerMalicious, c.BlockReason)
	if err != nil {
		return err
	}
	rec.Detail = map[string]string{"verdict": v.ID, "etag": v.ETag}
	return nil
}

// undoMove forgets a move that is not done and gives up its destination.
func (c *change) undoMove() {
	if destination, ok := airlock.DestinationOf(c.Type, c.Status); ok {
		c.giveUp(destination)
	}
	for i := range c.Files {
		f := &c.Files[i]
		f.FinalETag, f.FinalChecked, f.Copy, f.Hash = "", false, nil, nil
	}
}

func (c *change) scanSummary() string {
	if !c.ScanRequired {
		return "not required by policy"
	}
	ids := make([]string, len(c.Files))
	for i, f := range c.Files {
		v, _ := f.VerdictFor(f.InProgressETag)
		ids[i] = v.ID
	}
	return "clean: " + strings.Join(ids[:min(len(ids), 20)], " ")
}

// gates looks after a request whose files are copied and wait for verdicts. A
// verdict that is inconclusive, or missing past its deadline, is asked for again
// with a fresh copy; after the policy's number of tries the policy decides.
func (s *Service) gates(ctx context.Context, ws airlock.Workspace, r airlock.Request) (bool, error) {
	c := &change{Request: r, ws: ws, at: s.Now().UTC()}
	if !r.ScanRequired || c.clean() || c.malicious() != nil {
		return s.decided(s.decide(ctx, ws, r.ID, airlock.SystemPrincipal("scan gate"), func(c *change) error {
			if c.Status != airlock.Submitted || !c.Copied() {
				return errUnchanged
			}
			return c.passGates()
		}))
	}
	stage, _ := airlock.StageOf(r.Type, r.Status)
	con, err := s.container(ws, stage, r.ID)
	if err != nil {
		return false, err
	}
	for _, f := range r.Files {
		why := c.inconclusive(f)
		if why == "" {
			continue
		}
		if why == noVerdict {
			s.scannerSilent(ctx, con.Account, r.ID)
		}
		if c.scannedInVain(f) {
			return s.decided(s.giveUpScanning(ctx, ws, r.ID, why))
		}
		if err := s.rescan(ctx, ws, r, con, f, why); err != nil {
			return false, err
		}
	}
	return s.clock(ctx, ws, r)
}

const noVerdict = "no verdict in time"

// inconclusive says why a file needs another scan now, "" if it does not.
func (c *change) inconclusive(f airlock.File) string {
	v, ok := f.VerdictFor(f.InProgressETag)
	switch {
	case ok && v.Outcome.Conclusive():
		return ""
	case ok && v.Outcome == airlock.NotScanned:
		return "the scanner did not scan them"
	case ok:
		return "the scanner reported an error"
	case !c.at.Before(f.CopiedWhen.Add(c.ws.Policy.VerdictDeadline())):
		return noVerdict
	}
	return ""
}

// scannedInVain reports whether a file needs another scan and has had as many as
// the policy grants.
func (c *change) scannedInVain(f airlock.File) bool {
	return c.inconclusive(f) != "" && f.Rescans >= c.ws.Policy.MalwareScanning.MaxRescans
}

// rescan makes a file's blob anew of its own blocks: its BlobCreated makes the
// scanner look again. The new ETag takes the old one's place in the chain.
func (s *Service) rescan(ctx context.Context, ws airlock.Workspace, r airlock.Request, con airlock.Container, f airlock.File, why string) error {
	fresh, err := s.Blobs.Refresh(ctx, con, f.Name, f.InProgressETag, f.Size)
	if err != nil {
		return err
	}
	_, err = s.decide(ctx, ws, r.ID, airlock.SystemPrincipal("scan gate"), func(c *change) error {
		now := c.File(f.Name)
		if c.Status != airlock.Submitted || now == nil || now.InProgressETag != f.InProgressETag {
			return errUnchanged
		}
		rec := c.record(audit.Rescan)
		rec.From, rec.To, rec.Reason = c.Status, c.Status, why
		rec.Detail = map[string]string{"file": f.Name, "oldEtag": f.InProgressETag, "newEtag": fresh.ETag}
		now.Rescanned(fresh, c.at)
		if !c.Copied() { // found, and to be read again
			return nil
		}
		return c.passGates() // the verdict may have been quicker than this record
	})
	return err
}

// giveUpScanning applies the policy's choice for files nobody could scan.
func (s *Service) giveUpScanning(ctx context.Context, ws airlock.Workspace, id airlock.RequestID, why string) (airlock.Request, error) {
	return s.decide(ctx, ws, id, airlock.SystemPrincipal("scan gate"), func(c *change) error {
		if c.Status != airlock.Submitted || !c.Copied() || c.malicious() != nil || !slices.ContainsFunc(c.Files, c.scannedInVain) {
			return errUnchanged
		}
		switch ws.Policy.MalwareScanning.Inconclusive {
		case airlock.InconclusiveReview:
			c.ApprovalsRequired = ws.Policy.Approvals(c.Type)
			_, err := c.move(airlock.TriggerGatesPassed, fmt.Sprintf(messageUnscanned, why))
			return err
		case airlock.InconclusiveFail:
			return c.fail(failure{code: "scan_inconclusive", operation: "malware scan", cause: why})
		}
		c.BlockReason = fmt.Sprintf(messageInconclusive, why)
		_, err := c.move(airlock.TriggerInconclusive, c.BlockReason)
		return err
	})
}

// decided turns a decision's result into a step's: look again.
func (s *Service) decided(_ airlock.Request, err error) (bool, error) { return err == nil, err }

// scannerSilent makes a scanner that owes verdicts visible to operators.
func (s *Service) scannerSilent(ctx context.Context, account string, id airlock.RequestID) {
	if s.silent.since(account, s.Now()) {
		s.Log.ErrorContext(ctx, "scanning is on by policy but no verdict arrived in time", "alert", logging.ScanSilent, "account", account, "request", id)
	}
}
