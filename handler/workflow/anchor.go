package workflow

import (
	"context"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// newAnchorLog is the log of anchors in the evidence account.
func newAnchorLog(store Evidence, sealer Sealer) *audit.AnchorLog {
	return &audit.AnchorLog{
		Append: func(ctx context.Context, name string, body []byte) error {
			return store.Append(ctx, anchorsContainer, name, body)
		},
		Read: func(ctx context.Context, name string) ([]byte, error) { return store.Read(ctx, anchorsContainer, name) },
		MAC:  sealer.MAC,
	}
}

// anchor writes the chain heads that changed since they were last anchored to
// the append-only log, and returns how many. A crash between the two writes
// anchors a head twice, which does no harm; several instances may run at once.
func (s *Service) anchor(ctx context.Context, workspaces []airlock.Workspace) (int, error) {
	var rows []audit.HeadRow
	for _, ws := range workspaces {
		for row, err := range s.Requests.Unanchored(ctx, ws.ID) {
			if err != nil {
				return 0, err
			}
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return 0, nil
	}
	heads := make([]audit.AnchoredHead, len(rows))
	for i, row := range rows {
		heads[i] = audit.AnchoredHead{Workspace: row.Workspace, Request: row.Request, Length: row.Head.Length, Hash: row.Head.Hash}
	}
	if err := s.anchors.Add(ctx, heads, s.Now()); err != nil {
		return 0, err
	}
	return len(rows), s.Requests.Anchored(ctx, rows)
}
