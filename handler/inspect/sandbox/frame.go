package sandbox

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A frame is a kind, the length of its text as four bytes, and the text.
const (
	frameTask  = 'T' // parent: the task as JSON
	frameBytes = 'B' // parent: the bytes asked for
	frameRead  = 'R' // child: offset and length, eight bytes each
	frameDone  = 'D' // child: the answer as JSON
)

// Bounds of what one side believes of the other.
const (
	maxRange  = 4 << 20
	maxAnswer = 8 << 20
)

// task is the child's task.
type task struct {
	Name   string          `json:"name"`
	Size   int64           `json:"size"`
	Limits json.RawMessage `json:"limits"`
	Kept   json.RawMessage `json:"kept,omitempty"`
	Millis int64           `json:"millis"` // until the step should end
}

// answer is the child's answer.
type answer struct {
	Done   bool            `json:"done"`
	Kept   json.RawMessage `json:"kept"`
	Report json.RawMessage `json:"report"`
}

var errFrame = errors.New("sandbox: not a frame")

func writeFrame(w io.Writer, kind byte, text []byte) error {
	head := make([]byte, 5)
	head[0] = kind
	binary.BigEndian.PutUint32(head[1:], uint32(len(text))) //nolint:gosec // bounded by the callers
	if _, err := w.Write(head); err != nil {
		return fmt.Errorf("sandbox: write: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("sandbox: write: %w", err)
	}
	return nil
}

// readFrame reads a frame whose text is at most limit bytes long.
func readFrame(r io.Reader, limit int) (kind byte, text []byte, err error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, nil, fmt.Errorf("sandbox: read: %w", err)
	}
	n := int64(binary.BigEndian.Uint32(head[1:]))
	if n > int64(limit) {
		return 0, nil, errFrame
	}
	text = make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return 0, nil, fmt.Errorf("sandbox: read: %w", err)
	}
	return head[0], text, nil
}
