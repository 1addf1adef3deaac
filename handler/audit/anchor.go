package audit

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"example.org/airlock/handler/airlock"
)

// AnchorFormat is the version of the anchors' format.
const AnchorFormat = "airlock-anchor/1"

const anchorType = "application/vnd.airlock.anchor+json"

// MaxHeads is how many heads one anchor holds; more go into the next one.
const MaxHeads = 2000

// Anchor is one entry of the append-only log that pins the heads of requests'
// chains. Whoever can write the table can cut a request's trail and its head
// alike; they cannot take the head back out of a log they can only append to.
//
// Entry n lies under AnchorName(n), written create-only, and holds the hash of
// entry n-1. Several writers cannot fork it: of two that make entry n one is
// refused, reads what the other wrote, and goes on behind it (AnchorLog).
type Anchor struct {
	Format string    `json:"format"`
	Seq    int       `json:"seq"` // from 1, without gaps
	At     time.Time `json:"at"`  // UTC
	// Prev is the lower-case hex SHA-256 of the stored bytes of the entry before,
	// "" in the first.
	Prev  string         `json:"prev"`
	Heads []AnchoredHead `json:"heads"`
}

// AnchoredHead is the head of one request's chain at the time of an anchor.
type AnchoredHead struct {
	Workspace airlock.WorkspaceID `json:"workspace"`
	Request   airlock.RequestID   `json:"request"`
	Length    int                 `json:"length"`
	Hash      string              `json:"hash"`
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
// heads of one request only the longest is kept. There may be at most MaxHeads.
func NewAnchor(tail Tail, heads []AnchoredHead, at time.Time) Anchor {
	sorted := slices.Clone(heads)
	slices.SortFunc(sorted, func(a, b AnchoredHead) int {
		return cmp.Or(cmp.Compare(a.Workspace, b.Workspace), cmp.Compare(a.Request, b.Request), cmp.Compare(b.Length, a.Length))
	})
	sorted = slices.CompactFunc(sorted, func(a, b AnchoredHead) bool { return a.Workspace == b.Workspace && a.Request == b.Request })
	return Anchor{Format: AnchorFormat, Seq: tail.Seq + 1, At: at.UTC(), Prev: tail.Hash, Heads: sorted}
}

// Seal returns the bytes to store and the tail of the log with them. mac returns
// HMAC-SHA-256 and the id of its key.
func (a Anchor) Seal(mac func(b []byte) (sum []byte, keyID string, err error)) ([]byte, Tail, error) {
	payload, err := printed(a)
	if err != nil {
		return nil, Tail{}, err
	}
	sum, keyID, err := mac(preAuth(anchorType, payload))
	if err != nil {
		return nil, Tail{}, fmt.Errorf("audit: anchor %d: %w", a.Seq, err)
	}
	body, err := seal(anchorType, payload, Signature{KeyID: keyID, Alg: "HS256", Sig: base64.StdEncoding.EncodeToString(sum)})
	if err != nil {
		return nil, Tail{}, err
	}
	return body, tailOf(a.Seq, body), nil
}

// ParseAnchor reads a stored entry. It does not check its keyed digest: the log
// is append-only, and who checks it holds the key (airlock-verify).
// It returns ErrBadEnvelope for anything that is no anchor.
func ParseAnchor(body []byte) (Anchor, Tail, error) {
	payload, err := open(anchorType, body)
	if err != nil {
		return Anchor{}, Tail{}, err
	}
	var a Anchor
	if err := json.Unmarshal(payload, &a); err != nil || a.Format != AnchorFormat || a.Seq < 1 {
		return Anchor{}, Tail{}, ErrBadEnvelope
	}
	return a, tailOf(a.Seq, body), nil
}

func tailOf(seq int, body []byte) Tail {
	sum := sha256.Sum256(body)
	return Tail{Seq: seq, Hash: hex.EncodeToString(sum[:])}
}
