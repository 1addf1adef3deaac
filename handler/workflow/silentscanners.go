package workflow

import (
	"sync"
	"time"
)

// silentScanners remembers, per in-progress account, since when the scanner owes a
// verdict that a deadline has passed for. It belongs to this process alone: it
// is a symptom for operators, not state.
type silentScanners struct {
	mu       sync.Mutex
	accounts map[string]time.Time
}

// note says that the scanner of an account owes a verdict. It reports whether that is news.
func (s *silentScanners) note(account string, at time.Time) (first bool) {
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

// heard says that a verdict came.
func (s *silentScanners) heard(account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.accounts, account)
}

func (s *silentScanners) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.accounts)
}
