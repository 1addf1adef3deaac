package airlock

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Hash is the lower-case hex SHA-256 of the policy's JSON, by which records name the
// policy that was in force.
func (p Policy) Hash() string {
	b, err := json.Marshal(p)
	if err != nil { // a Policy holds only plain values
		panic(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
