package workflow

import "example.org/airlock/handler/airlock"

const (
	// backgroundLength is how many requests wait for somebody to go on with them; what
	// finds no place is left to its events.
	backgroundLength = 64
	// backgroundBytes is how much there may be to move. Events of a decision mostly reach
	// another instance: work that takes longer than they do would be done twice, and to wait for
	// them is no loss then.
	backgroundBytes = 64 << 20
)

// wrote notes a decision and has it gone on from.
func (s *Service) wrote(at lastRow, events []airlock.Event) {
	var ids []string
	for _, e := range events {
		if e.Topic != airlock.TopicNotification { // they tell people, and start nothing
			ids = append(ids, e.ID)
		}
	}
	if !s.recent.wrote(at, ids) {
		return
	}
	if at.Status.Moving() && sizeOf(at.Request) > backgroundBytes {
		s.recent.gaveUp(at.ID)
		return
	}
	s.soon(at.ID)
}

// soon has a request gone on with. It never blocks.
func (s *Service) soon(id airlock.RequestID) {
	select {
	case s.next <- id:
	default:
		s.recent.gaveUp(id)
	}
}

func sizeOf(r airlock.Request) (bytes int64) {
	for _, f := range r.Files {
		bytes += f.Size
	}
	return bytes
}
