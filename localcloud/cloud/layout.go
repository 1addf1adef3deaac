package cloud

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"example.org/airlock/localcloud/identity"
)

// coreOwner is the core beside the workspaces, whose names the others are.
const coreOwner = "core"

// layout names who has the compact layout of infra, where one account serves several stages; the others have an account
// for each stage.
type layout []string

var (
	coreStages      = []string{"stalimex", "stalimip", "stalimrej", "stalimblocked", "stalexapp"}
	workspaceStages = []string{"stalimapp", "stalexint", "stalexip", "stalexrej", "stalexblocked"}

	// The stages of one account in the compact layout. The internet reaches stalimex and stalexapp, so they stay apart.
	corePrivate = []string{"stalimip", "stalimrej", "stalimblocked"}

	// Uploads are looked at when people submit: nobody is told of it, and nobody scans it.
	drafts = []string{"stalimex", "stalexint"}
	// Files wait for review where Defender watches.
	waiting = []string{"stalimip", "stalexip"}
)

// core are the stage accounts every workspace shares.
func (l layout) core() map[string]string {
	accounts := map[string]string{}
	for _, stage := range coreStages {
		accounts[stage] = stage + "local"
		if slices.Contains(l, coreOwner) && slices.Contains(corePrivate, stage) {
			accounts[stage] = "stalcorelocal"
		}
	}
	return accounts
}

// of are a workspace's own stage accounts, as its registry document names them.
func (l layout) of(w identity.Workspace) map[string]string {
	accounts := map[string]string{}
	for _, stage := range workspaceStages {
		accounts[stage] = stage + w.Name
		if slices.Contains(l, w.Name) {
			accounts[stage] = "stalws" + w.Name
		}
	}
	return accounts
}

// stages are the stages that each stage account serves, by its name.
func (l layout) stages() map[string][]string {
	stages := map[string][]string{}
	note := func(of []string, accounts map[string]string) {
		for _, stage := range of {
			stages[accounts[stage]] = append(stages[accounts[stage]], stage)
		}
	}
	note(coreStages, l.core())
	for _, w := range identity.Workspaces() {
		note(workspaceStages, l.of(w))
	}
	return stages
}

// accounts are the names of all storage accounts.
func (l layout) accounts() []string {
	return append([]string{stateAccount, evidenceAccount}, slices.Collect(maps.Keys(l.stages()))...)
}

// receivers are the accounts that files are copied into, so whose BlobCreated events matter, with the beginnings of the
// subjects that do; none of them means all.
func (l layout) receivers() map[string][]string {
	accounts := map[string][]string{}
	for account, stages := range l.stages() {
		into := slices.DeleteFunc(slices.Clone(stages), func(s string) bool { return slices.Contains(drafts, s) })
		if len(into) == 0 {
			continue
		}
		accounts[account] = nil
		if len(stages) > 1 {
			for _, stage := range into {
				accounts[account] = append(accounts[account], "/blobServices/default/containers/"+stage+"-")
			}
		}
	}
	return accounts
}

// scanned are the accounts Defender watches, with the beginnings of names that it leaves out.
func (l layout) scanned() map[string][]string {
	accounts := map[string][]string{}
	for account, stages := range l.stages() {
		others := slices.DeleteFunc(slices.Clone(stages), func(s string) bool { return slices.Contains(waiting, s) })
		if len(others) == len(stages) {
			continue
		}
		accounts[account] = nil
		for _, stage := range others {
			accounts[account] = append(accounts[account], stage+"-")
		}
	}
	return accounts
}

// openLayout takes the layout of the options, or of the cloud that was there before: its accounts hold data.
func (c *Cloud) openLayout() error {
	file := c.file("layout")
	_, err := os.Stat(file)
	made := err == nil
	text, err := keep(file, func() ([]byte, error) { return []byte(strings.Join(c.options.Compact, " ")), nil })
	if err != nil {
		return err
	}
	c.layout = strings.Fields(string(text))
	if made && len(c.options.Compact) > 0 && !slices.Equal(c.layout, c.options.Compact) {
		return fmt.Errorf("the cloud in %s was made with another layout (compact: %v): take another --dir", c.options.Dir, []string(c.layout))
	}
	for _, owner := range c.layout {
		if _, err := identity.FindWorkspace(owner); err != nil && owner != coreOwner {
			return err
		}
	}
	return nil
}
