package workflow

import (
	"sync"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// seenHeads remembers the heads of workspaces' trails that are anchored. It belongs to
// this process alone: anchoring twice does no harm. The zero value is ready to use.
type seenHeads struct {
	mu    sync.Mutex
	heads map[airlock.WorkspaceID]airlock.ChainHead
}

func (s *seenHeads) has(row audit.HeadRow) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heads[row.Workspace] == row.Head
}

func (s *seenHeads) note(row audit.HeadRow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.heads == nil {
		s.heads = map[airlock.WorkspaceID]airlock.ChainHead{}
	}
	s.heads[row.Workspace] = row.Head
}
