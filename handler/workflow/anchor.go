package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/parallel"
)

// parallelAppends bounds the writes to the evidence account under way.
const parallelAppends = 8

// anchor writes the chain heads that changed since they were last anchored to
// the append-only log. It does so an entry of the log at a time, and forgets
// those heads, before it turns to the next: a run cut short keeps its progress. A
// crash in between anchors heads twice, which does no harm; several instances may
// run at once. One workspace's trouble is not the others': the error names all.
func (s *Service) anchor(ctx context.Context, workspaces []airlock.Workspace) (Report, error) {
	var (
		rows   []audit.HeadRow
		report Report
		fault  error
	)
	for _, ws := range workspaces {
		damaged, err := walk(ctx, s, ws.ID, s.config.Requests.Unanchored(ctx, ws.ID), func(row audit.HeadRow) { rows = append(rows, row) })
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

// anchorEntry anchors as many heads as one entry of the log holds, and takes them
// off the list.
func (s *Service) anchorEntry(ctx context.Context, rows []audit.HeadRow) error {
	if err := s.appendHeads(ctx, rows); err != nil {
		return err
	}
	return s.config.Requests.Anchored(ctx, rows)
}

// appendHeads puts heads into the log and its index.
func (s *Service) appendHeads(ctx context.Context, rows []audit.HeadRow) error {
	heads := make([]audit.AnchoredHead, len(rows))
	for i, row := range rows {
		heads[i] = anchoredHead(row)
	}
	entries, err := s.anchors.Add(ctx, heads, s.config.Now())
	if err != nil {
		return err
	}
	return s.index(ctx, rows, entries)
}

func anchoredHead(row audit.HeadRow) audit.AnchoredHead {
	return audit.AnchoredHead{Trail: row.Name(), Length: row.Head.Length, Hash: row.Head.Hash}
}

// index makes an anchored head findable by its trail: see headName.
func (s *Service) index(ctx context.Context, rows []audit.HeadRow, entries []int) error {
	var (
		mu    sync.Mutex
		fault error
	)
	at := make([]int, len(rows))
	for i := range at {
		at[i] = i
	}
	parallel.Each(at, parallelAppends, func(i int) {
		// The name says it all; the content does not matter.
		err := s.config.Evidence.Append(ctx, anchorsContainer, headName(anchoredHead(rows[i]), entries[i]), nil)
		if err != nil && !errors.Is(err, airlock.ErrImmutable) {
			mu.Lock()
			defer mu.Unlock()
			fault = err
		}
	})
	return fault
}

// headName is a name in the container of anchors by which the entries of the log
// that anchor a trail are found without reading the log:
// heads/TRAIL/LENGTH-HASH-ENTRY. It is a claim and proves nothing: anybody who can
// create blobs can make such a name. The entry that it leads to is the evidence.
func headName(h audit.AnchoredHead, entry int) string {
	return fmt.Sprintf("%s%08d-%s-%012d", headPrefix(h.Trail), h.Length, h.Hash, entry)
}

func headPrefix(trail string) string { return "heads/" + trail + "/" }
