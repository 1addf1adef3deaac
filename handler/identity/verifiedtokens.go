package identity

import (
	"crypto/rsa"
	"crypto/sha256"
	"sync"
	"time"
)

// maxVerified bounds the tokens remembered: 1,000 is more people than are active in an
// hour. Only genuine tokens get in, so strangers cannot fill it.
const maxVerified = 1000

// genuine holds the parts of a verified token that do not change: its claims and the
// key it was signed with. Every call asks whether it is in time, and whether the
// issuer still offers that key.
type genuine struct {
	keyID     string
	key       *rsa.PublicKey
	expiry    time.Time
	notBefore *float64
	token     Token
}

// verifiedTokens remembers genuine tokens, since people send the same one with every call
// of an hour and checking a signature costs as much as all else that the handler
// does for a read. It keeps digests, never a token. Safe for concurrent use.
type verifiedTokens struct {
	mu     sync.Mutex
	tokens map[[sha256.Size]byte]genuine
}

func (s *verifiedTokens) find(raw string) (genuine, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, found := s.tokens[sha256.Sum256([]byte(raw))]
	return g, found
}

// keep remembers a token. A full memory is emptied: each token in it is worth one
// signature check.
func (s *verifiedTokens) keep(raw string, g genuine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens == nil || len(s.tokens) >= maxVerified {
		s.tokens = map[[sha256.Size]byte]genuine{}
	}
	s.tokens[sha256.Sum256([]byte(raw))] = g
}
