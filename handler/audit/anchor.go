package audit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// AnchorFormat is the version of the anchors' format.
const AnchorFormat = "airlock-anchor/2"

const anchorType = "application/vnd.airlock.anchor+json"

// MaxHeads is how many heads one anchor holds; more go into the next one.
const MaxHeads = 2000

// Anchor is one entry of the append-only log that pins the heads of audit trails.
// An attacker with rights on the table can cut a trail and its head alike. They cannot
// take the head back out of an append-only log, and they cannot append to it either,
// for its entries are signed.
//
// Entry n lies under AnchorName(n), written create-only, and holds the number and
// the hash of the entry it follows. Several writers cannot fork it: of two that
// make entry n one is refused, reads what the other wrote, and goes on behind it
// (AnchorLog).
type Anchor struct {
	Format string    `json:"format"`
	Seq    int       `json:"seq"` // from 1
	At     time.Time `json:"at"`  // UTC
	// Follows is the number of the entry before, 0 in the first. It is Seq - 1
	// unless somebody else had put something under the numbers between.
	Follows int `json:"follows"`
	// Prev is the lower-case hex SHA-256 of the stored bytes of the entry that this
	// one follows, "" in the first.
	Prev string `json:"prev"`
	// PassedOver are the items under the numbers between, no entries of this log. At
	// most maxPassedOver are named.
	PassedOver []PassedOver   `json:"passedOver,omitempty"`
	Heads      []AnchoredHead `json:"heads"`
}

// PassedOver is something that lies where an entry of the log would, and is none.
type PassedOver struct {
	Seq    int    `json:"seq"`
	SHA256 string `json:"sha256,omitempty"` // of its bytes; "" if they cannot be read
}

// AnchoredHead is the head of one trail at the time of an anchor.
type AnchoredHead struct {
	Trail  string `json:"trail"` // TrailID.Name
	Length int    `json:"length"`
	Hash   string `json:"hash"`
}

// Tail is the end of the log: the number of the last entry and the hash of its
// stored bytes. The zero Tail is the empty log.
type Tail struct {
	Seq  int
	Hash string
}

// AnchorName is the name of an entry in the container of anchors.
func AnchorName(seq int) string { return fmt.Sprintf("%012d.json", seq) }

// NewAnchor returns the entry after tail. Heads are ordered, and of several
// heads of one trail only the longest is kept. There may be at most MaxHeads.
func NewAnchor(tail Tail, heads []AnchoredHead, at time.Time) Anchor {
	sorted := slices.Clone(heads)
	slices.SortFunc(sorted, func(a, b AnchoredHead) int {
		return cmp.Or(cmp.Compare(a.Trail, b.Trail), cmp.Compare(b.Length, a.Length))
	})
	sorted = slices.CompactFunc(sorted, func(a, b AnchoredHead) bool { return a.Trail == b.Trail })
	return Anchor{Format: AnchorFormat, Seq: tail.Seq + 1, At: at.UTC(), Follows: tail.Seq, Prev: tail.Hash, Heads: sorted}
}

// Seal returns the signed bytes to store and the tail of the log with them.
func (a Anchor) Seal(ctx context.Context, sign Sign) ([]byte, Tail, error) {
	payload, err := printed(a)
	if err != nil {
		return nil, Tail{}, err
	}
	body, err := signed(ctx, anchorType, payload, sign)
	if err != nil {
		return nil, Tail{}, fmt.Errorf("audit: anchor %d: %w", a.Seq, err)
	}
	return body, tailOf(a.Seq, body), nil
}

// OpenAnchor reads a stored entry that the service signed. Errors:
// ErrBadEnvelope for anything else; those of key.
func OpenAnchor(ctx context.Context, body []byte, key PublicKey) (Anchor, Tail, error) {
	payload, err := genuine(ctx, anchorType, body, key)
	if err != nil {
		return Anchor{}, Tail{}, err
	}
	var a Anchor
	if err := json.Unmarshal(payload, &a); err != nil || a.Format != AnchorFormat || a.Seq < 1 {
		return Anchor{}, Tail{}, ErrBadEnvelope
	}
	return a, tailOf(a.Seq, body), nil
}

// Holds reports whether the entry anchors that head.
func (a Anchor) Holds(head AnchoredHead) bool { return slices.Contains(a.Heads, head) }

func tailOf(seq int, body []byte) Tail { return Tail{Seq: seq, Hash: hashOf(body)} }

// hashOf is the lower-case hex SHA-256 of b.
func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
