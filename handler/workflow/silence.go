package workflow

import (
	"sync"
	"time"
)

// silence remembers, per in-progress account, since when the scanner owes a
// verdict that a deadline has passed for. It belongs to this process alone: it
// is a symptom for operators, not state.
type silence struct {
	mu       sync.Mutex
	accounts map[string]time.Time
}

func (s *silence) since(account string, at time.Time) (first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts == nil {
		s.accounts = map[string]time.Time{}
	}
	_, known := s.accounts[account]
	if !known {
		s.accounts[account] = at
	}
	return !known
}

func (s *silence) broken(account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.accounts, account)
}

func (s *silence) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.accounts)
}
