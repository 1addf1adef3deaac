package airlock

import (
	"fmt"
	"slices"
)

// Accounts maps stages to the names of storage accounts. Names are
// configuration (settings and registry rows), never derived from an id: four
// hex digits of a workspace id collide. One account may serve several stages
// (MayShare); the names of its containers tell them apart.
type Accounts map[Stage]string

// shareable are the stages that one account may serve, all of a list or one: a
// workspace's, and those of the core that the internet does not reach.
var shareable = [][]Stage{WorkspaceStages, {ImportInProgress, ImportRejected, ImportBlocked}}

// MayShare reports whether one account may serve exactly these stages, of one
// workspace or of the core. Parts of a list may not: of whom a name speaks must not
// depend on how far somebody came with a change.
func MayShare(stages []Stage) bool {
	return len(stages) == 1 || slices.ContainsFunc(shareable, func(all []Stage) bool {
		return len(stages) == len(all) && !slices.ContainsFunc(all, func(s Stage) bool { return !slices.Contains(stages, s) })
	})
}

// Uses returns the stages that each account serves, by its name.
func (a Accounts) Uses() map[string][]Stage {
	uses := map[string][]Stage{}
	for _, stage := range slices.Concat(CoreStages, WorkspaceStages) {
		if name := a[stage]; name != "" {
			uses[name] = append(uses[name], stage)
		}
	}
	return uses
}

// For are the accounts of one direction. Stages of the other direction are among
// them where they share one of these accounts, so that a request knows how its
// containers are named.
func (a Accounts) For(t RequestType) Accounts {
	out := Accounts{}
	for _, stage := range StagesOf(t) {
		out[stage] = a[stage]
		for _, other := range a.Uses()[a[stage]] {
			out[other] = a[other]
		}
	}
	return out
}

// Container returns a request's container in a place.
func (a Accounts) Container(id RequestID, p Place) (Container, error) {
	name := a[p.Stage]
	if name == "" {
		return Container{}, fmt.Errorf("airlock: no storage account is known for %s", p.Stage)
	}
	var told Stage
	if a.shared(p.Stage) {
		told = p.Stage
	}
	return Container{Account: name, Name: NewContainerName(id, p.Turn, told)}, nil
}

// shared reports whether a stage's account serves another one too.
func (a Accounts) shared(stage Stage) bool {
	for other, name := range a {
		if other != stage && name == a[stage] {
			return true
		}
	}
	return false
}

// Container is one request's container in one storage account.
type Container struct {
	Account string
	Name    ContainerName
}

func (c Container) String() string { return c.Account + "/" + string(c.Name) }

// Site is the container's account, and the stage behind it if the account serves
// several ("stalws1/stalexip").
func (c Container) Site() string {
	if _, _, stage, err := ParseContainerName(string(c.Name)); err == nil && stage != "" {
		return c.Account + "/" + string(stage)
	}
	return c.Account
}
