package workflow

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	for _, head := range heads {
		if err := s.Evidence.Append(ctx, anchorsContainer, headName(head), nil); err != nil {
			return 0, err
		}
	}
	return len(rows), s.Requests.Anchored(ctx, rows)
}

// headName is an entry of the same write-once container by which a request's
// anchored heads are found without reading the log: heads/ID/LENGTH-HASH. It has
// no content; the log is the evidence, this is its index.
func headName(h audit.AnchoredHead) string {
	return fmt.Sprintf("%s%08d-%s", headPrefix(h.Request), h.Length, h.Hash)
}

func headPrefix(id airlock.RequestID) string { return "heads/" + string(id) + "/" }

// holdAgainstAnchors adds to a verified trail what only the anchors can show: a
// trail that was cut or rewritten together with the head on its row.
func (s *Service) holdAgainstAnchors(ctx context.Context, t *Trail) error {
	for name, err := range s.Evidence.Names(ctx, anchorsContainer, headPrefix(t.Request.ID)) {
		if err != nil {
			return err
		}
		var length int
		var hash string
		if n, err := fmt.Sscanf(strings.TrimPrefix(name, headPrefix(t.Request.ID)), "%08d-%s", &length, &hash); n != 2 || err != nil {
			continue
		}
		at := slices.IndexFunc(t.Rows, func(row audit.Row) bool { return row.Seq == length })
		if at >= 0 && t.Rows[at].Hash == hash {
			continue
		}
		t.Verification.OK = false
		t.Verification.Problems = append(t.Verification.Problems,
			audit.Problem{Seq: length, What: "the head anchored at this length is not in the trail: records were cut or rewritten"})
	}
	return nil
}
