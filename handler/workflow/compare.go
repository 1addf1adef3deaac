package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
	"example.org/airlock/handler/parallel"
)

// readAhead is how many entries of the log of anchors are read at once.
const readAhead = 16

// compareAnchors holds the head of every trail against the log of anchors, read
// from its first entry. The rows of heads to anchor are only a list of things to do:
// somebody who can delete them could keep a trail out of the log. So the heads that
// exist decide. A head that is neither in the log nor on the list is anchored now,
// and is an alert. So is a trail that the log knows to be longer, or other, or that
// is not there at all. The index of the log is not asked.
//
// The report's Missing counts the heads that were kept out; the error is of what
// could not be looked at.
//
// readable is false when there are workspaces that cannot be read: their trails are in
// the log, and whether they are there nobody can tell.
func (s *Service) compareAnchors(ctx context.Context, workspaces []airlock.Workspace, readable bool) (Report, error) {
	// In this order: a head that is anchored meanwhile is found in the log, which is
	// read last, and one that is not is on the list, which is read before.
	heads, damaged, err := s.allHeads(ctx, workspaces)
	if err != nil {
		return Report{}, err
	}
	listed, err := s.listed(ctx, workspaces)
	if err != nil {
		return Report{}, err
	}
	known, err := s.anchoredHeads(ctx)
	if err != nil {
		return Report{}, err
	}
	var missing []audit.HeadRow
	for _, row := range heads {
		at, anchored := known[row.Name()]
		delete(known, row.Name())
		switch {
		case anchored && (at.Length > row.Head.Length || at.Length == row.Head.Length && at.Hash != row.Head.Hash):
			s.config.Log.ErrorContext(ctx, "the log of anchors knows a trail that is longer, or another one: it was cut, rewritten or put back",
				"alert", logging.AuditChainBroken, "workspace", row.Workspace, "request", row.Request, "anchored", at.Length, "records", row.Head.Length)
		case at.Length < row.Head.Length && !listed[row.Name()]:
			missing = append(missing, row)
		}
	}
	// A row that cannot be read is told elsewhere and is not gone. It hides none that is.
	if gone := len(known) - damaged; gone > 0 && readable {
		s.damaged(ctx, "trails that the log of anchors knows are not there", "trails", gone, "first", first(known))
	}
	return s.anchorMissing(ctx, missing)
}

// first is the least of the names, so that a repeated alert says the same.
func first(known map[string]airlock.ChainHead) string {
	least := ""
	for name := range known {
		if least == "" || name < least {
			least = name
		}
	}
	return least
}

func (s *Service) allHeads(ctx context.Context, workspaces []airlock.Workspace) (heads []audit.HeadRow, damaged int, err error) {
	for _, ws := range workspaces {
		n, fault := walk(ctx, s, ws.ID, s.config.Requests.Heads(ctx, ws.ID), func(row audit.HeadRow) { heads = append(heads, row) })
		damaged, err = damaged+n, errors.Join(err, fault)
		if ws.Chain.Length > 0 {
			heads = append(heads, audit.HeadRow{TrailID: audit.TrailID{Workspace: ws.ID}, Head: ws.Chain})
		}
	}
	return heads, damaged, err
}

// listed are the trails on the list of what is to be anchored.
func (s *Service) listed(ctx context.Context, workspaces []airlock.Workspace) (map[string]bool, error) {
	listed := map[string]bool{}
	for _, ws := range workspaces {
		if _, err := walk(ctx, s, ws.ID, s.config.Requests.Unanchored(ctx, ws.ID), func(row audit.HeadRow) { listed[row.Name()] = true }); err != nil {
			return nil, err
		}
	}
	return listed, nil
}

// anchoredHeads reads the whole log and returns the longest head of each trail.
func (s *Service) anchoredHeads(ctx context.Context) (map[string]airlock.ChainHead, error) {
	known := map[string]airlock.ChainHead{}
	for from := 1; ; from += readAhead {
		slots, err := s.readSlots(ctx, from)
		if err != nil {
			return nil, err
		}
		for _, a := range slots {
			for _, head := range a.Heads {
				if head.Length > known[head.Trail].Length {
					known[head.Trail] = airlock.ChainHead{Hash: head.Hash, Length: head.Length}
				}
			}
		}
		if len(slots) < readAhead {
			return known, nil
		}
	}
}

// readSlots reads the items under the numbers of the log from one on, at most
// readAhead of them, fewer at the end. An item that is no entry comes as an empty one.
func (s *Service) readSlots(ctx context.Context, from int) ([]audit.Anchor, error) {
	slots, faults := make([]audit.Anchor, readAhead), make([]error, readAhead)
	numbers := make([]int, readAhead)
	for i := range numbers {
		numbers[i] = i
	}
	parallel.Each(numbers, readAhead, func(i int) {
		var body []byte
		if body, faults[i] = s.config.Evidence.Read(ctx, anchorsContainer, audit.AnchorName(from+i)); faults[i] == nil {
			slots[i], _, faults[i] = audit.OpenAnchor(ctx, body, s.config.Signer.PublicKey)
		}
		if slots[i].Seq != from+i || errors.Is(faults[i], airlock.ErrNotEvidence) || errors.Is(faults[i], audit.ErrBadEnvelope) {
			slots[i] = audit.Anchor{}
		}
	})
	for i, fault := range faults {
		switch {
		case errors.Is(fault, airlock.ErrGone): // the numbers of the log have no gap
			return slots[:i], nil
		case fault != nil && !errors.Is(fault, airlock.ErrNotEvidence) && !errors.Is(fault, audit.ErrBadEnvelope):
			return nil, fmt.Errorf("workflow: read anchor %d: %w", from+i, fault)
		}
	}
	return slots, nil
}

// anchorMissing anchors heads that were kept out of the log.
func (s *Service) anchorMissing(ctx context.Context, missing []audit.HeadRow) (Report, error) {
	var report Report
	for rows := range slices.Chunk(missing, audit.MaxHeads) {
		s.config.Log.ErrorContext(ctx, "chain heads were neither anchored nor to be anchored: somebody removes the list", "alert", logging.AnchorsMissing,
			"heads", len(rows), "workspace", rows[0].Workspace, "request", rows[0].Request)
		if err := s.appendHeads(ctx, rows); err != nil {
			return report, err
		}
		report.Missing += len(rows)
	}
	return report, nil
}

// compareDaily is compareAnchors with the registry's workspaces. complete is false
// when something could not be looked at.
func (s *Service) compareDaily(ctx context.Context) (report Report, complete bool) {
	err := s.recovering(ctx, "comparison with the log of anchors", func() error {
		workspaces, err := s.config.Registry.Workspaces(ctx)
		if err != nil && !unreadable(err) { // one damaged workspace does not stop the comparison of the others
			return err
		}
		report, err = s.compareAnchors(ctx, workspaces, err == nil)
		return err
	})
	if err != nil {
		s.config.Log.WarnContext(ctx, "the comparison with the log of anchors is not complete", "error", err.Error())
	}
	return report, err == nil
}
