package airlock

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const placed RequestID = "5f0b1c9e-2a7d-4e8b-9c3f-6d1a0e4b7c25"

// separateAccounts and compactAccounts are those of one workspace and its core.
func separateAccounts() Accounts {
	a := Accounts{}
	for _, stage := range slices.Concat(CoreStages, WorkspaceStages) {
		a[stage] = string(stage) + "x"
	}
	return a
}

func compactAccounts() Accounts {
	a := separateAccounts()
	for _, stage := range WorkspaceStages {
		a[stage] = "stalworkspace"
	}
	for _, stage := range []Stage{ImportInProgress, ImportRejected, ImportBlocked} {
		a[stage] = "stalprivate"
	}
	return a
}

func TestNamesOfContainers(t *testing.T) {
	valid := regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])*$`)
	tests := []struct {
		turn  int
		stage Stage
		want  string
	}{
		{1, "", "5f0b1c9e-2a7d-4e8b-9c3f-6d1a0e4b7c25"},
		{0, "", "5f0b1c9e-2a7d-4e8b-9c3f-6d1a0e4b7c25"},
		{2, "", "5f0b1c9e-2a7d-4e8b-9c3f-6d1a0e4b7c25-2"},
		{17, "", "5f0b1c9e-2a7d-4e8b-9c3f-6d1a0e4b7c25-17"},
		{1, ExportInProgress, "stalexip-5f0b1c9e-2a7d-4e8b-9c3f-6d1a0e4b7c25"},
		{3, ExportBlocked, "stalexblocked-5f0b1c9e-2a7d-4e8b-9c3f-6d1a0e4b7c25-3"},
		{99_999_999_999, ExportBlocked, "stalexblocked-5f0b1c9e-2a7d-4e8b-9c3f-6d1a0e4b7c25-99999999999"},
	}
	for _, tt := range tests {
		name := string(NewContainerName(placed, tt.turn, tt.stage))
		assert.Equal(t, tt.want, name)
		assert.LessOrEqual(t, len(name), 63)
		assert.Regexp(t, valid, name)
		id, turn, stage, err := ParseContainerName(name)
		require.NoError(t, err)
		assert.Equal(t, placed, id)
		assert.Equal(t, max(tt.turn, 1), turn)
		assert.Equal(t, tt.stage, stage)
		assert.Equal(t, placed, ContainerName(name).Request())
	}
}

// A name that NewContainerName cannot have made is no container of a request.
func TestNamesThatAreNoContainers(t *testing.T) {
	id := string(placed)
	for _, name := range []string{
		"", "-", id[:35], id + "-", id + "-1", id + "-0", id + "-02", id + "--2", id + "-2-3", id + "2", id + "-x", strings.ToUpper(id),
		"stalexip", "stalexip-", "stalexip" + id, "stalexip--" + id, "stalexip-" + id + "-1", "stalexip-" + id + "-02", "STALEXIP-" + id,
		"stalexip-stalexrej-" + id, "stal-" + id, "draft-" + id, id + "-stalexip", id + "-2-stalexip", "stalexip-2-" + id, "stalexip-" + id + "-stalexip", "dead-letters",
	} {
		_, _, _, err := ParseContainerName(name)
		assert.ErrorIs(t, err, ErrBadID, name)
		assert.Empty(t, ContainerName(name).Request(), name)
	}
}

// In either layout, and with one side of each, every place of a request has a container
// of its own, and each is taken for its own place and for no other.
func TestEveryPlaceHasItsContainer(t *testing.T) {
	mixed := compactAccounts()
	for _, stage := range CoreStages {
		mixed[stage] = separateAccounts()[stage]
	}
	turned := separateAccounts()
	for _, stage := range CoreStages {
		turned[stage] = compactAccounts()[stage]
	}
	for layout, accounts := range map[string]Accounts{"separate": separateAccounts(), "compact": compactAccounts(), "compact workspace": mixed, "compact core": turned} {
		for _, direction := range []RequestType{Import, Export} {
			r := Request{ID: placed, Type: direction, Accounts: accounts.For(direction)}
			other := Request{ID: "6a0b1c9e-2a7d-4e8b-9c3f-6d1a0e4b7c25", Type: direction, Accounts: r.Accounts}
			seen := map[Container]Place{}
			for _, stage := range StagesOf(direction) {
				for _, turn := range []int{1, 2, 11} {
					at := fmt.Sprint(layout, direction, stage, turn)
					con, err := r.ContainerAt(Place{stage, turn})
					require.NoError(t, err, at)
					twice, known := seen[con]
					require.False(t, known, "%s has the container of %v", at, twice)
					seen[con] = Place{stage, turn}
					got, ours := r.PlaceOf(con)
					assert.True(t, ours, at)
					assert.Equal(t, Place{stage, turn}, got, at)
					_, theirs := other.PlaceOf(con)
					assert.False(t, theirs, at)
					shared := accounts.shared(stage)
					assert.Equal(t, shared, strings.HasPrefix(string(con.Name), string(stage)+"-"), at)
					all, err := accounts.Container(placed, Place{stage, turn})
					require.NoError(t, err)
					assert.Equal(t, all, con, "a request names its containers as its workspace does")
				}
			}
		}
	}
}

// A container of one stage is never taken for one of another stage.
func TestContainersThatARequestCannotHave(t *testing.T) {
	id := string(placed)
	tests := map[string]struct {
		accounts      Accounts
		direction     RequestType
		account, name string
		place         Stage
		turn          int
	}{
		"separate: its own":                        {separateAccounts(), Export, "stalexipx", id, ExportInProgress, 1},
		"separate: its own, later":                 {separateAccounts(), Export, "stalexipx", id + "-4", ExportInProgress, 4},
		"separate: with the stage":                 {separateAccounts(), Export, "stalexipx", "stalexip-" + id, "", 0},
		"separate: another account":                {separateAccounts(), Export, "stalstate", id, "", 0},
		"separate: the other direction":            {separateAccounts(), Export, "stalimappx", id, "", 0},
		"compact: its own":                         {compactAccounts(), Export, "stalworkspace", "stalexip-" + id, ExportInProgress, 1},
		"compact: its own, later":                  {compactAccounts(), Export, "stalworkspace", "stalexrej-" + id + "-2", ExportRejected, 2},
		"compact: without the stage":               {compactAccounts(), Export, "stalworkspace", id, "", 0},
		"compact: a stage of another account":      {compactAccounts(), Export, "stalworkspace", "stalimip-" + id, "", 0},
		"compact: a stage of the other direction":  {compactAccounts(), Export, "stalworkspace", "stalimapp-" + id, "", 0},
		"compact: what an import has there":        {compactAccounts(), Import, "stalworkspace", "stalimapp-" + id, ImportApproved, 1},
		"compact: what an import has not":          {compactAccounts(), Import, "stalworkspace", "stalexip-" + id, "", 0},
		"compact: an import without the stage":     {compactAccounts(), Import, "stalworkspace", id, "", 0},
		"compact: private":                         {compactAccounts(), Import, "stalprivate", "stalimblocked-" + id, ImportBlocked, 1},
		"compact: the internet has accounts apart": {compactAccounts(), Import, "stalimexx", id, ImportExternal, 1},
	}
	for name, tt := range tests {
		r := Request{ID: placed, Type: tt.direction, Accounts: tt.accounts.For(tt.direction)}
		got, known := r.PlaceOf(Container{Account: tt.account, Name: ContainerName(tt.name)})
		assert.Equal(t, tt.place != "", known, name)
		assert.Equal(t, Place{tt.place, tt.turn}, got, name)
	}
}

// A request that was made while the accounts were separate goes on with its names.
func TestARequestKeepsItsNamesWhenTheLayoutChanges(t *testing.T) {
	r := Request{ID: placed, Type: Export, Accounts: separateAccounts().For(Export)}
	con, err := r.Container(ExportInternal)
	require.NoError(t, err)
	assert.Equal(t, Container{Account: "stalexintx", Name: ContainerName(placed)}, con)
	assert.Len(t, r.Accounts, 5, "a row of the separate layout holds what it always held")
	assert.Len(t, separateAccounts().For(Import), 5)
}

func TestStagesThatMayShareAnAccount(t *testing.T) {
	assert.True(t, MayShare(WorkspaceStages))
	assert.True(t, MayShare([]Stage{ImportBlocked, ImportInProgress, ImportRejected}))
	for _, stage := range slices.Concat(CoreStages, WorkspaceStages) {
		assert.True(t, MayShare([]Stage{stage}))
	}
	for _, no := range [][]Stage{
		nil, WorkspaceStages[:4], {ImportInProgress, ImportRejected}, {ImportExternal, ExportApproved}, CoreStages,
		{ImportExternal, ImportInProgress, ImportRejected, ImportBlocked}, slices.Concat(CoreStages, WorkspaceStages), {ExportInProgress, ImportInProgress},
	} {
		assert.False(t, MayShare(no), no)
	}
}

func TestTheSiteOfAContainer(t *testing.T) {
	assert.Equal(t, "stalexipx", Container{Account: "stalexipx", Name: ContainerName(placed)}.Site())
	assert.Equal(t, "stalworkspace/stalexip", Container{Account: "stalworkspace", Name: "stalexip-" + ContainerName(placed)}.Site())
}
