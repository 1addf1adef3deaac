package workflow

import (
	"context"
	"encoding/json"
	"slices"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
)

// Acceptance is a foreign change to a workspace's row, and says whether it is in
// force now.
type Acceptance struct {
	Workspace   airlock.Workspace // as it is in force
	Removed     bool              // the row was removed
	Digest      string            // of the row, in hexadecimal; "" for a removed one
	Differences []Difference
	Taken       bool
}

// Difference is one member of a workspace's document. Was is the value in force, Is the one that
// somebody else wrote; null where there is none.
type Difference struct {
	Member string
	Was    json.RawMessage
	Is     json.RawMessage
}

// AcceptWorkspace shows what somebody else, such as Terraform, changed in a workspace's
// row since it was taken last, and puts that in force. With look it only shows. With a
// digest it takes that row and no other. Where the row was removed, the workspace takes
// no new requests any more.
//
// TRE administrators only. Errors: airlock.ErrNoWorkspace, *airlock.StatusError when
// nothing differs, airlock.ErrStale when it is another row, *airlock.InvalidError,
// *airlock.Fault.
func (s *Service) AcceptWorkspace(ctx context.Context, p airlock.Principal, id airlock.WorkspaceID, look bool, digest *string) (Acceptance, error) {
	if err := operator(p); err != nil {
		return Acceptance{}, err
	}
	o, err := s.config.Registry.Outside(ctx, id)
	if err != nil {
		return Acceptance{}, err
	}
	a := Acceptance{Removed: o.Differs && o.Outside == "", Digest: o.Digest}
	if o.Differs && !a.Removed {
		a.Differences = differences(o.InForce, o.Outside)
	}
	switch {
	case look:
		a.Workspace, err = s.config.Registry.CurrentWorkspace(ctx, id)
		return a, err
	case !o.Differs:
		return Acceptance{}, &airlock.StatusError{Rule: "nothing_to_accept", Reason: "Nobody has changed the workspace's row since it was taken."}
	case digest != nil && *digest != o.Digest:
		return Acceptance{}, airlock.ErrStale
	}
	a.Workspace, err = s.config.Registry.Accept(ctx, id, o.Digest, s.registryRecord(p, audit.WorkspaceAccepted))
	if err != nil {
		return Acceptance{}, err
	}
	a.Taken = true
	s.config.Log.InfoContext(ctx, "workspace accepted as somebody else wrote it", "workspace", id, "version", a.Workspace.PolicyVersion, "policy", a.Workspace.Policy.Hash(), "by", p.ID)
	return a, nil
}

// differences compares two documents member by member, in the order of their names.
// A document that is no JSON object differs as a whole.
func differences(was, is string) []Difference {
	before, after := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if !flatten("", json.RawMessage(was), before) || !flatten("", json.RawMessage(is), after) {
		text, _ := json.Marshal(is)
		return []Difference{{Member: "", Was: json.RawMessage(was), Is: text}}
	}
	var all []Difference
	for name, text := range before {
		if string(after[name]) != string(text) {
			all = append(all, Difference{Member: name, Was: text, Is: after[name]})
		}
	}
	for name, text := range after {
		if _, both := before[name]; !both {
			all = append(all, Difference{Member: name, Is: text})
		}
	}
	slices.SortFunc(all, func(a, b Difference) int {
		if a.Member < b.Member {
			return -1
		}
		return 1
	})
	return all
}

// flatten lists the members of nested objects by their paths. It reports false for
// anything but an object.
func flatten(path string, text json.RawMessage, into map[string]json.RawMessage) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil || members == nil {
		return false
	}
	for name, value := range members {
		if !flatten(path+name+".", value, into) {
			into[path+name] = value
		}
	}
	return true
}

// WorkspaceHistory returns a workspace's audit trail, verified against the head that is
// in force and against the anchors: what was in force when, and who put it there.
// Everybody who may read the workspace's requests may call it. Errors:
// *airlock.RefusedError, *airlock.Fault.
func (s *Service) WorkspaceHistory(ctx context.Context, p airlock.Principal, ws airlock.Workspace) (Trail, error) {
	if err := readable(p, ws); err != nil {
		return Trail{}, err
	}
	for try := 1; ; try++ {
		now, err := s.config.Registry.CurrentWorkspace(ctx, ws.ID)
		if err != nil {
			return Trail{}, err
		}
		rows, err := s.config.Registry.WorkspaceTrail(ctx, ws.ID)
		if err != nil {
			return Trail{}, err
		}
		t := Trail{Request: airlock.Request{Workspace: ws.ID, Chain: now.Chain}, Rows: rows, At: s.config.Now(),
			Verification: audit.VerifyTrail(audit.TrailID{Workspace: ws.ID}, now.Chain, rows)}
		if err := s.holdAgainstAnchors(ctx, &t); err != nil {
			return Trail{}, err
		}
		// A record written between the two reads looks like a fork; look again.
		if t.Verification.OK || try == 3 {
			if !t.Verification.OK {
				s.config.Log.ErrorContext(ctx, "the audit trail of a workspace does not verify", "alert", logging.AuditChainBroken, "workspace", ws.ID)
			}
			return t, nil
		}
	}
}

// tellChanges raises the alarm over rows that somebody else changed or removed.
func (s *Service) tellChanges(ctx context.Context, workspaces []airlock.Workspace) {
	for _, ws := range workspaces {
		if ws.Changed {
			s.config.Log.ErrorContext(ctx, "somebody else changed or removed the registry row of a workspace: that is not in force until it is accepted",
				"alert", logging.RegistryChanged, "workspace", ws.ID)
		}
	}
}

// WasAnchored reports whether the log of anchors claims to know a workspace's trail:
// then the workspace was in force at some time.
func WasAnchored(e Evidence) func(context.Context, airlock.WorkspaceID) (bool, error) {
	return func(ctx context.Context, id airlock.WorkspaceID) (bool, error) {
		for _, err := range e.Names(ctx, anchorsContainer, headPrefix(audit.TrailID{Workspace: id}.Name())) {
			return err == nil, err
		}
		return false, nil
	}
}

// workspaceHeads are the heads of the workspaces' own trails that this process has not
// seen in the log of anchors yet.
func (s *Service) workspaceHeads(ctx context.Context, workspaces []airlock.Workspace) ([]audit.HeadRow, error) {
	var rows []audit.HeadRow
	for _, ws := range workspaces {
		row := audit.HeadRow{TrailID: audit.TrailID{Workspace: ws.ID}, Head: ws.Chain}
		if ws.Chain.Length == 0 || s.seen.has(row) {
			continue
		}
		claims, err := s.claims(ctx, row.TrailID)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(claims, func(c claim) bool { return c.AnchoredHead == anchoredHead(row) }) {
			s.seen.note(row) // if the claim is a lie, the daily comparison finds out
			continue
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// anchorWorkspaces anchors the heads of the workspaces' own trails.
func (s *Service) anchorWorkspaces(ctx context.Context, workspaces []airlock.Workspace) (Report, error) {
	rows, err := s.workspaceHeads(ctx, workspaces)
	if err != nil || len(rows) == 0 {
		return Report{}, err
	}
	var report Report
	for entry := range slices.Chunk(rows, audit.MaxHeads) {
		if err := s.appendHeads(ctx, entry); err != nil {
			return report, err
		}
		for _, row := range entry {
			s.seen.note(row)
		}
		report.Anchored += len(entry)
	}
	return report, nil
}
