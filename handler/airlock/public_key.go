package airlock

import "crypto/ecdsa"

// PublicKey is the public half of a key that signs receipts and anchors, or of one
// that signed them before. Its curve is P-256.
type PublicKey struct {
	ID  string // as in the signatures
	Key *ecdsa.PublicKey
}
