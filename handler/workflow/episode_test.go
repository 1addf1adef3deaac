package workflow

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

var owner = airlock.Principal{ID: "owner", Roles: []airlock.Role{airlock.RoleOwner}, WorkspaceToken: true}

// failAndRetry is what another instance and a person do meanwhile: the request
// fails for good, its half-made destination is deleted, and the step runs again.
func (sc *scene) failAndRetry(t *testing.T) {
	t.Helper()
	require.NoError(t, sc.failed(t.Context(), sc.ws, *sc.row, sc.version(sc.row.ID), unrecoverable{code: "X", operation: "copy", cause: "something else"}))
	require.Equal(t, airlock.Failed, sc.row.Status)
	require.Empty(t, sc.row.Work.Delete)
	sc.clock = sc.clock.Add(time.Hour)
	_, err := sc.Retry(t.Context(), owner, sc.ws, sc.row.ID, "")
	require.NoError(t, err)
}

// bytesAt are the names in the container of a stage.
func (sc *scene) bytesAt(stage airlock.Stage) (names []string) {
	if l := sc.at[airlock.Container{Account: string(stage), Name: airlock.ContainerName(sc.row.ID)}]; l != nil {
		for name := range l.blobs {
			names = append(names, name)
		}
	}
	return names
}

// An instance that was stopped between its copies and its decision must not
// record them when a failure has deleted them since.
func TestWhatAStepFoundBeforeARetryCountsNoMore(t *testing.T) {
	tests := map[string]struct {
		given *change
		work  func(sc *scene) error
		at    airlock.Stage
	}{
		"approving": {approving("1"), func(sc *scene) error {
			_, err := sc.copyOut(t.Context(), sc.ws, &held{Request: sc.row.Clone()})
			return err
		}, airlock.ImportApproved},
		"copying": {copying("1"), func(sc *scene) error {
			_, err := sc.copyIn(t.Context(), sc.ws, &held{Request: sc.row.Clone()})
			return err
		}, airlock.ImportInProgress},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			sc := sceneOf(tt.given)
			before := sc.row.Status
			sc.onList = func(c airlock.Container) {
				if c.Account == string(tt.at) {
					sc.onList = nil
					sc.failAndRetry(t)
				}
			}
			require.NoError(t, tt.work(sc))
			assert.Equal(t, before, sc.row.Status, "nothing lies at the destination")
			assert.Empty(t, sc.bytesAt(tt.at))
			require.NoError(t, sc.advance(t.Context()))
			assert.Equal(t, []string{"1.csv"}, sc.bytesAt(tt.at))
		})
	}
}

// The same without anybody being stopped: one file has nothing to be compared with and has arrived,
// the next one's copy meets the failure.
func TestEveryFileIsCopiedAfterARetry(t *testing.T) {
	c := approving("1", "2")
	c.Files[0].SHA256, c.Files[0].CRC64, c.Files[0].Size = "", nil, 1<<40
	sc := sceneOf(c)
	var met, first atomic.Bool
	arrived := make(chan struct{})
	sc.onCopied = func(o airlock.CopyOrder) {
		if o.Name == "1.csv" && first.CompareAndSwap(false, true) {
			close(arrived)
		}
	}
	sc.onCopy = func(o airlock.CopyOrder) error {
		if o.Name == "2.csv" && met.CompareAndSwap(false, true) {
			<-arrived // the other file
			sc.failAndRetry(t)
			return &airlock.Fault{Kind: airlock.Transient, Code: "ContainerNotFound", Operation: "copy blob", Account: "a"}
		}
		return nil
	}
	_, err := sc.copyOut(t.Context(), sc.ws, &held{Request: sc.row.Clone()})
	require.Error(t, err)
	require.NoError(t, sc.advance(t.Context()))
	require.Equal(t, airlock.Approved, sc.row.Status)
	assert.ElementsMatch(t, []string{"1.csv", "2.csv"}, sc.bytesAt(airlock.ImportApproved))
}

// A stray container goes only if it is as old as the end that made it one.
func TestAStrayDeletionMissesWhatARetryMakes(t *testing.T) {
	sc := sceneOf(approving("1"))
	sc.failAndRetry(t)
	moved := sc.row.Clone()
	moved.Status = airlock.Failed // as a slow twin has read it
	moved.StatusSince, moved.Work.GivenUp = sc.clock.Add(-time.Hour), sc.clock.Add(-time.Hour)
	moved.Failure = &airlock.Failure{In: airlock.ApprovalInProgress}
	con := airlock.Container{Account: string(airlock.ImportApproved), Name: airlock.ContainerName(sc.row.ID)}
	require.NoError(t, sc.CreateContainer(t.Context(), con))
	require.NoError(t, sc.removeStray(t.Context(), con, moved))
	assert.NotNil(t, sc.at[con])
	sc.at[con].made = moved.StatusSince.Add(time.Second)
	require.NoError(t, sc.removeStray(t.Context(), con, moved))
	assert.Nil(t, sc.at[con])
}

// A deletion that was recorded after the container was given up once more is not
// that one's.
func TestADeletionCountsForWhatWasGivenUpThen(t *testing.T) {
	sc := sceneOf(approving("1"))
	sc.row.Work.Delete, sc.row.Work.GivenUp = places(airlock.ImportExternal), noon
	old := sc.row.Clone()
	sc.row.Work.GivenUp = noon.Add(time.Minute)
	_, err := sc.deleteGivenUp(t.Context(), sc.ws, &held{Request: old})
	require.NoError(t, err)
	assert.Equal(t, places(airlock.ImportExternal), sc.row.Work.Delete)
	_, err = sc.deleteGivenUp(t.Context(), sc.ws, &held{Request: sc.row.Clone()})
	require.NoError(t, err)
	assert.Empty(t, sc.row.Work.Delete)
	assert.Equal(t, []string{"data_absent"}, sc.actions(), "and what was not there is told as that")
}

// Blocks staged for a copy that is given up go with its container.
func TestACopyThatIsGivenUpIsForgotten(t *testing.T) {
	for name, given := range map[string]*change{"approving": approving("1"), "copying": copying("1")} {
		t.Run(name, func(t *testing.T) {
			given.Files[0].Copy = &airlock.CopyProgress{Source: "1", Offset: 1}
			sc := sceneOf(given)
			require.NoError(t, sc.failed(t.Context(), sc.ws, *sc.row, sc.version(sc.row.ID), unrecoverable{code: "X", operation: "copy", cause: "something else"}))
			assert.Nil(t, sc.row.Files[0].Copy)
		})
	}
}

func TestADeletionThatIsNoneLeavesNoRecord(t *testing.T) {
	sc := sceneOf(approving("1"))
	sc.row.Work.Delete = places(airlock.ImportInProgress) // a decision since needs it again
	_, err := sc.deleteGivenUp(t.Context(), sc.ws, &held{Request: sc.row.Clone()})
	require.NoError(t, err)
	assert.Empty(t, sc.row.Work.Delete)
	assert.Empty(t, sc.actions())
	assert.NotEmpty(t, sc.bytesAt(airlock.ImportInProgress))
}

// approving is a request on its way to approved, its files clean.
func approving(etags ...string) *change {
	c := submitted(etags...)
	c.Status, c.ApprovalsRequired = airlock.ApprovalInProgress, 1
	for i, etag := range etags {
		c.verdict(i, etag, airlock.Clean)
	}
	return c
}

// copying is a request whose draft is being copied.
func copying(etags ...string) *change {
	c := submitted(etags...)
	for i := range c.Files {
		f := &c.Files[i]
		f.InProgressETag, f.SHA256, f.CRC64, f.CopiedWhen = "", "", nil, time.Time{}
	}
	return c
}
