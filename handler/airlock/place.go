package airlock

import (
	"fmt"
	"strconv"
	"strings"
)

// ContainerName is the name of a request's container: the request's id, and from the
// second turn on the turn behind it ("{id}-2"). So no link of an earlier turn opens a
// later one, and a container that is still being deleted holds nobody up.
type ContainerName string

// NewContainerName names the container of a request in a turn, counted from 1.
func NewContainerName(id RequestID, turn int) ContainerName {
	if turn <= 1 {
		return ContainerName(id)
	}
	return ContainerName(fmt.Sprintf("%s-%d", id, turn))
}

// ParseContainerName reads a container's name. It returns ErrBadID for a name that
// NewContainerName cannot have made.
func ParseContainerName(name string) (RequestID, int, error) {
	const idLength = 36
	head, tail, turn := name, "", 1
	if len(name) > idLength {
		head, tail = name[:idLength], name[idLength:]
		n, err := strconv.Atoi(strings.TrimPrefix(tail, "-"))
		if err != nil || n < 2 {
			return "", 0, ErrBadID
		}
		turn = n
	}
	id, err := ParseRequestID(head)
	if err != nil || string(NewContainerName(id, turn)) != name {
		return "", 0, ErrBadID
	}
	return id, turn, nil
}

// Request is the request that the container belongs to, "" for a name that is none.
func (n ContainerName) Request() RequestID {
	id, _, err := ParseContainerName(string(n))
	if err != nil {
		return ""
	}
	return id
}

// Place is a stage account and a turn: one container of a request. As a text it is the
// stage, and from the second turn on the turn behind it ("stalimip-2").
type Place struct {
	Stage Stage
	Turn  int
}

// MarshalText writes a place for the request's row.
func (p Place) MarshalText() ([]byte, error) {
	if p.Turn <= 1 {
		return []byte(p.Stage), nil
	}
	return fmt.Appendf(nil, "%s-%d", p.Stage, p.Turn), nil
}

// UnmarshalText reads what MarshalText wrote.
func (p *Place) UnmarshalText(text []byte) error {
	stage, turn, later := strings.Cut(string(text), "-")
	*p = Place{Stage: Stage(stage), Turn: 1}
	if !later {
		return nil
	}
	n, err := strconv.Atoi(turn)
	if err != nil || n < 2 {
		return fmt.Errorf("airlock: %q is no place", text)
	}
	p.Turn = n
	return nil
}

// Turn is the turn that the request is in: 1 at create, one more with each submit of a
// request that was returned.
func (r Request) Turn() int { return 1 + r.Resubmits }

// Place is where the request's present bytes of a stage lie. A request that was
// returned has its draft in the container of the turn to come.
func (r Request) Place(stage Stage) Place {
	if draft, _ := StageOf(r.Type, Draft); stage == draft && r.Reopened {
		return Place{stage, r.Turn() + 1}
	}
	return Place{stage, r.Turn()}
}

// ContainerAt is the request's container in a place.
func (r Request) ContainerAt(p Place) (Container, error) {
	return r.Accounts.Container(p.Stage, NewContainerName(r.ID, p.Turn))
}

// Container is the request's present container in a stage account.
func (r Request) Container(stage Stage) (Container, error) { return r.ContainerAt(r.Place(stage)) }
