package inspect

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
)

// combinations counts how many different things it was shown, and how many of them once. It keeps the
// hashes of all until there are more than it may keep, and of every second, fourth, … from
// then on: of those that are kept every showing is counted, so that the shares stay right.
type combinations struct {
	Rows int64 `json:"rows,omitempty"`
	// Halved is how often the share of what is kept was halved.
	Halved uint   `json:"halved,omitempty"`
	Kept   hashes `json:"kept,omitempty"`
	// again are things that came before, each in the one place that it can have: a map costs more. It is no state.
	again *[1 << 10]uint64
}

// hashes are marked as true where they were shown once.
type hashes map[uint64]bool

// add shows it a thing by its hash; it keeps up to so many, 0 for all.
func (c *combinations) add(hash uint64, keep int) {
	c.Rows++
	hash &^= 1 // the state has another use for it
	if hash>>(64-min(c.Halved, 63)) != 0 {
		return
	}
	if c.again == nil {
		c.again = new([1 << 10]uint64)
	}
	place := &c.again[hash>>1%uint64(len(c.again))]
	if *place == hash {
		return
	}
	if c.Kept == nil {
		c.Kept = hashes{}
	}
	once, again := c.Kept[hash]
	switch {
	case !again:
		c.Kept[hash] = true
	case once:
		c.Kept[hash] = false
		fallthrough
	default:
		*place = hash
	}
	for keep > 0 && len(c.Kept) > keep && c.Halved < 63 {
		c.Halved++
		for h := range c.Kept {
			if h>>(64-c.Halved) != 0 {
				delete(c.Kept, h)
			}
		}
	}
}

// different is about how many things there were.
func (c *combinations) different() float64 {
	return float64(len(c.Kept)) * float64(uint64(1)<<min(c.Halved, 63))
}

// once is about how many were shown once.
func (c *combinations) once() float64 {
	n := 0
	for _, once := range c.Kept {
		if once {
			n++
		}
	}
	return float64(n) * float64(uint64(1)<<min(c.Halved, 63))
}

// MarshalJSON writes the hashes in their order, eight bytes each, in Base64. The last bit of each says
// whether it was shown once.
func (h hashes) MarshalJSON() ([]byte, error) {
	all := make([]uint64, 0, len(h))
	for hash, once := range h {
		hash &^= 1
		if once {
			hash |= 1
		}
		all = append(all, hash)
	}
	slices.Sort(all)
	b := make([]byte, 0, 8*len(all))
	for _, hash := range all {
		b = binary.BigEndian.AppendUint64(b, hash)
	}
	return []byte(`"` + base64.StdEncoding.EncodeToString(b) + `"`), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (h *hashes) UnmarshalJSON(text []byte) error {
	if len(text) < 2 {
		return ErrState
	}
	b, err := base64.StdEncoding.DecodeString(string(text[1 : len(text)-1]))
	if err != nil {
		return fmt.Errorf("inspect: hashes of a state: %w", err)
	}
	*h = hashes{}
	for ; len(b) >= 8; b = b[8:] {
		hash := binary.BigEndian.Uint64(b)
		(*h)[hash&^1] = hash&1 != 0
	}
	return nil
}
