package inspect

import "encoding/json"

// sheetState is a sheetFeed between two steps. The row under way is in it with its texts, which are few then.
type sheetState struct {
	Scan   tagScan  `json:"scan"`
	Cells  []string `json:"cells,omitempty"`
	Line   int64    `json:"line,omitempty"`
	Column int      `json:"column,omitempty"`
	Shared bool     `json:"shared,omitempty"`
	Unseen bool     `json:"unseen,omitempty"`
	Day    bool     `json:"day,omitempty"`
	Sum    bool     `json:"sum,omitempty"`
	Valued bool     `json:"valued,omitempty"`
	In     string   `json:"in,omitempty"`
	Text   []byte   `json:"text,omitempty"`
	Words  anchors  `json:"words"`
	More   *profile `json:"more"`
}

// settled reports whether the table is looked at row by row, and little of a row is held.
func (s *sheetFeed) settled() bool {
	const few = 64 << 10
	size := len(s.texts)
	for _, c := range s.cells {
		size += len(c.text)
	}
	return s.more != nil && size <= few
}

// MarshalJSON implements json.Marshaler.
func (s *sheetFeed) MarshalJSON() ([]byte, error) {
	state := sheetState{s.scan, nil, s.line, s.column, s.shared, s.unseen, s.day, s.sum, s.valued, s.in, s.text, s.words, s.more}
	for _, c := range s.cells {
		if c.text == "" {
			c.text = string(s.texts[c.from:c.to])
		}
		state.Cells = append(state.Cells, c.text)
	}
	return kept(state)
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *sheetFeed) UnmarshalJSON(b []byte) error {
	var state sheetState
	if json.Unmarshal(b, &state) != nil || state.More == nil {
		return ErrState
	}
	*s = sheetFeed{book: s.book, part: s.part, scan: state.Scan, line: state.Line, column: state.Column, shared: state.Shared,
		unseen: state.Unseen, day: state.Day, sum: state.Sum, valued: state.Valued, in: state.In, text: state.Text, words: state.Words, more: state.More}
	for _, text := range state.Cells {
		s.cells = append(s.cells, sheetCell{text: text})
	}
	return nil
}
