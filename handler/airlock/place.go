package airlock

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ContainerName is the name of a request's container: the request's id, and from the
// second turn on the turn behind it ("{id}-2"). So no link of an earlier turn opens a
// later one, and a container that is still being deleted holds nobody up. In an account
// of several stages the stage stands before ("stalexip-{id}-2"): the rules of Event Grid
// and Defender know prefixes of names and nothing else.
type ContainerName string

// NewContainerName names the container of a request in a turn, counted from 1. stage is
// "" in an account that serves one stage only. The name has at most 63 characters, as
// Azure wants, up to turn 99,999,999,999.
func NewContainerName(id RequestID, turn int, stage Stage) ContainerName {
	name := string(id)
	if turn > 1 {
		name = fmt.Sprintf("%s-%d", id, turn)
	}
	if stage != "" {
		name = string(stage) + "-" + name
	}
	return ContainerName(name)
}

// ParseContainerName reads a container's name; the stage is "" for one of an account
// with one stage. It returns ErrBadID for a name that NewContainerName cannot have made.
func ParseContainerName(name string) (RequestID, int, Stage, error) {
	const idLength = 36
	var stage Stage
	rest := name
	for _, s := range slices.Concat(CoreStages, WorkspaceStages) {
		if tail, ok := strings.CutPrefix(name, string(s)+"-"); ok {
			stage, rest = s, tail
		}
	}
	head, turn := rest, 1
	if len(rest) > idLength {
		head = rest[:idLength]
		n, err := strconv.Atoi(strings.TrimPrefix(rest[idLength:], "-"))
		if err != nil || n < 2 {
			return "", 0, "", ErrBadID
		}
		turn = n
	}
	id, err := ParseRequestID(head)
	if err != nil || string(NewContainerName(id, turn, stage)) != name {
		return "", 0, "", ErrBadID
	}
	return id, turn, stage, nil
}

// Request is the request that the container belongs to, "" for a name that is none.
func (n ContainerName) Request() RequestID {
	id, _, _, err := ParseContainerName(string(n))
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

// UnmarshalText reads the form of MarshalText.
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
func (r Request) ContainerAt(p Place) (Container, error) { return r.Accounts.Container(r.ID, p) }

// Container is the request's present container in a stage account.
func (r Request) Container(stage Stage) (Container, error) { return r.ContainerAt(r.Place(stage)) }

// PlaceOf is the inverse of ContainerAt: it returns false for a container that the
// request cannot have, such as one of another stage in the same account.
func (r Request) PlaceOf(con Container) (Place, bool) {
	_, turn, _, err := ParseContainerName(string(con.Name))
	if err != nil {
		return Place{}, false
	}
	for _, stage := range StagesOf(r.Type) {
		p := Place{Stage: stage, Turn: turn}
		if own, err := r.ContainerAt(p); err == nil && own == con {
			return p, true
		}
	}
	return Place{}, false
}
