package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/parallel"
)

// parallelAppends bounds the writes to the evidence account under way.
const parallelAppends = 8

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
// the append-only log. It does so an entry of the log at a time, and forgets
// those heads, before it turns to the next: a run cut short keeps what it did. A
// crash in between anchors heads twice, which does no harm; several instances may
// run at once. One workspace's trouble is not the others': the error names all.
func (s *Service) anchor(ctx context.Context, workspaces []airlock.Workspace) (Report, error) {
	var (
		rows   []audit.HeadRow
		report Report
		fault  error
	)
	for _, ws := range workspaces {
		damaged, err := walk(ctx, s, ws.ID, s.Requests.Unanchored(ctx, ws.ID), func(row audit.HeadRow) { rows = append(rows, row) })
		report.Failed += damaged
		fault = errors.Join(fault, err)
	}
	for entry := range slices.Chunk(rows, audit.MaxHeads) {
		err := s.anchorEntry(ctx, entry)
		if err == nil {
			report.Anchored += len(entry)
		}
		fault = errors.Join(fault, err)
	}
	return report, fault
}

// anchorEntry anchors as many heads as one entry of the log holds.
func (s *Service) anchorEntry(ctx context.Context, rows []audit.HeadRow) error {
	heads := make([]audit.AnchoredHead, len(rows))
	for i, row := range rows {
		heads[i] = audit.AnchoredHead{Workspace: row.Workspace, Request: row.Request, Length: row.Head.Length, Hash: row.Head.Hash}
	}
	if err := s.anchors.Add(ctx, heads, s.Now()); err != nil {
		return err
	}
	var (
		mu    sync.Mutex
		fault error
	)
	parallel.Each(heads, parallelAppends, func(head audit.AnchoredHead) {
		// What lies under the name does not matter: its being there is the index.
		if err := s.Evidence.Append(ctx, anchorsContainer, headName(head), nil); err != nil && !errors.Is(err, airlock.ErrImmutable) {
			mu.Lock()
			defer mu.Unlock()
			fault = err
		}
	})
	if fault != nil {
		return fault
	}
	return s.Requests.Anchored(ctx, rows)
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
