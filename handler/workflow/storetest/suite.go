package storetest

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Requests is the part of a store of requests that the suite is about; the workflow's port
// of the same name says what each method promises.
type Requests interface {
	Load(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID) (airlock.Request, airlock.Version, error)
	Commit(ctx context.Context, c audit.Commit) ([]airlock.Event, airlock.Version, error)
	Register(ctx context.Context, id airlock.RequestID, ws airlock.WorkspaceID) (known bool, err error)
	WorkspaceOf(ctx context.Context, id airlock.RequestID) (airlock.WorkspaceID, error)
	Verdicts(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID, etag string) ([]airlock.KeptVerdict, error)
	Turns(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID) ([]airlock.EndedTurn, error)
	Comments(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID) ([]airlock.Comment, error)
	SeenIn(ctx context.Context, ws airlock.WorkspaceID, sha256 string, most int) ([]airlock.RequestID, error)
	Trail(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID) ([]audit.Row, error)
}

// Run runs the suite. open returns a store that holds nothing; it is called once for each
// test.
func Run(t *testing.T, open func(t *testing.T) Requests) {
	t.Helper()
	for name, test := range map[string]func(t *testing.T, s Requests){
		"a request is read as it was written":                   readAsWritten,
		"a request is created once":                             createdOnce,
		"who lost a race writes nothing":                        lostRace,
		"one of several who race wins":                          oneWins,
		"a decision goes on from the version of the one before": goesOn,
		"a trail is its request's, in order":                    trails,
		"a verdict has one row for its file, ETag and outcome":  verdicts,
		"turns and comments come in their order":                turnsAndComments,
		"a hash leads to the requests that have it":             hashes,
		"an id belongs to the workspace that registered it":     origins,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func readAsWritten(t *testing.T, s Requests) {
	c := create("1")
	_, written := commit(t, s, c)
	got, version := load(t, s, c.Request.ID)
	assert.Equal(t, c.Request, got)
	assert.Equal(t, written, version)

	got.Title, got.Files[0].Name = "changed by the caller", "changed too"
	again, _ := load(t, s, c.Request.ID)
	assert.Equal(t, c.Request, again, "what was read is the caller's own")

	_, _, err := s.Load(t.Context(), elsewhere, c.Request.ID)
	require.ErrorIs(t, err, airlock.ErrNotFound, "another workspace does not have it")
	_, _, err = s.Load(t.Context(), workspace, requestID("2"))
	require.ErrorIs(t, err, airlock.ErrNotFound)
}

func createdOnce(t *testing.T, s Requests) {
	c := create("1")
	_, version := commit(t, s, c)
	_, _, err := s.Commit(t.Context(), c)
	require.ErrorIs(t, err, airlock.ErrExists)

	absent := create("2")
	absent.Was, absent.Version = &absent.Request, version
	_, _, err = s.Commit(t.Context(), absent)
	require.ErrorIs(t, err, airlock.ErrStale, "a request that is not there is at no version")
}

func lostRace(t *testing.T, s Requests) {
	c := create("1")
	commit(t, s, c)
	first := next(t, s, c.Request.ID, "first")
	second := next(t, s, c.Request.ID, "second")
	second.Verdicts = []airlock.KeptVerdict{verdict("a.csv", "0x1", airlock.Clean, "v")}
	second.Turn, second.Comment = &airlock.EndedTurn{Turn: 1, Ended: at, Files: []airlock.File{}, Reviews: []airlock.Review{}}, remark(1, "too late")
	commit(t, s, first)
	_, _, err := s.Commit(t.Context(), second)
	require.ErrorIs(t, err, airlock.ErrStale)

	got, _ := load(t, s, c.Request.ID)
	assert.Equal(t, first.Request, got)
	assert.Len(t, trail(t, s, c.Request.ID), 2)
	assert.Empty(t, kept(t, s, c.Request.ID, ""))
	turns, err := s.Turns(t.Context(), workspace, c.Request.ID)
	require.NoError(t, err)
	assert.Empty(t, turns)
	comments, err := s.Comments(t.Context(), workspace, c.Request.ID)
	require.NoError(t, err)
	assert.Empty(t, comments)
}

func oneWins(t *testing.T, s Requests) {
	c := create("1")
	commit(t, s, c)
	racers := make([]audit.Commit, 6)
	for i := range racers {
		racers[i] = next(t, s, c.Request.ID, string(rune('a'+i)))
	}
	answers := make([]error, len(racers))
	var racing sync.WaitGroup
	for i := range racers {
		racing.Go(func() { _, _, answers[i] = s.Commit(t.Context(), racers[i]) })
	}
	racing.Wait()
	won := slices.Index(answers, nil)
	require.GreaterOrEqual(t, won, 0, "%v", answers)
	for i, err := range answers {
		if i != won {
			require.ErrorIs(t, err, airlock.ErrStale)
		}
	}
	got, _ := load(t, s, c.Request.ID)
	assert.Equal(t, racers[won].Request, got)
}

func goesOn(t *testing.T, s Requests) {
	c := create("1")
	_, version := commit(t, s, c)
	for _, title := range []string{"second", "third"} {
		was := c.Request.Clone()
		c = change(was, version, title)
		var next airlock.Version
		_, next = commit(t, s, c)
		assert.NotEqual(t, version, next)
		version = next
	}
	got, loaded := load(t, s, c.Request.ID)
	assert.Equal(t, "third", got.Title)
	assert.Equal(t, version, loaded)
}

func trails(t *testing.T, s Requests) {
	one, two := create("1"), create("2")
	commit(t, s, one)
	commit(t, s, two)
	var want []audit.Row
	for _, sealed := range one.Records {
		want = append(want, rowOf(sealed))
	}
	for _, title := range []string{"second", "third"} {
		c := record(next(t, s, one.Request.ID, title), "again")
		commit(t, s, c)
		for _, sealed := range c.Records {
			want = append(want, rowOf(sealed))
		}
	}
	assert.Equal(t, want, trail(t, s, one.Request.ID))
	assert.Len(t, trail(t, s, two.Request.ID), 1)
	assert.Empty(t, trail(t, s, requestID("3")))
}

func verdicts(t *testing.T, s Requests) {
	one, two := create("1"), create("2")
	commit(t, s, one)
	commit(t, s, two)
	write := func(id airlock.RequestID, all ...airlock.KeptVerdict) {
		c := next(t, s, id, "verdicts")
		c.Verdicts = all
		commit(t, s, c)
	}
	clean, malicious := verdict("a.csv", "0x1", airlock.Clean, "v1"), verdict("a.csv", "0x1", airlock.Malicious, "v2")
	other, later := verdict("b.csv", "0x2", airlock.Clean, "v3"), verdict("a.csv", "0x1", airlock.Clean, "v4")
	write(one.Request.ID, clean, malicious, other)
	write(one.Request.ID, later)
	write(two.Request.ID, clean)
	assert.ElementsMatch(t, []airlock.KeptVerdict{later, malicious}, kept(t, s, one.Request.ID, "0x1"))
	assert.ElementsMatch(t, []airlock.KeptVerdict{later, malicious, other}, kept(t, s, one.Request.ID, ""))
	assert.Empty(t, kept(t, s, one.Request.ID, "0x"), "an ETag is no prefix")
}

func turnsAndComments(t *testing.T, s Requests) {
	one, two := create("1"), create("2")
	commit(t, s, one)
	commit(t, s, two)
	var (
		turns    []airlock.EndedTurn
		comments []airlock.Comment
	)
	for n := 1; n <= 11; n++ { // as a text, 11 comes before 2
		c := next(t, s, one.Request.ID, "a turn ends")
		c.Turn = &airlock.EndedTurn{Turn: n, Ended: at, Why: "not yet", Files: one.Request.Files, Reviews: []airlock.Review{}}
		c.Comment = remark(n, "what is this")
		commit(t, s, c)
		turns, comments = append(turns, *c.Turn), append(comments, *c.Comment)
	}
	c := next(t, s, one.Request.ID, "taken back")
	comments[1].Retracted = at
	c.Comment = &comments[1]
	commit(t, s, c)
	gotTurns, err := s.Turns(t.Context(), workspace, one.Request.ID)
	require.NoError(t, err)
	assert.Equal(t, turns, gotTurns)
	gotComments, err := s.Comments(t.Context(), workspace, one.Request.ID)
	require.NoError(t, err)
	assert.Equal(t, comments, gotComments)
	none, err := s.Turns(t.Context(), workspace, two.Request.ID)
	require.NoError(t, err)
	assert.Empty(t, none)
}

func origins(t *testing.T, s Requests) {
	_, err := s.WorkspaceOf(t.Context(), requestID("1"))
	require.ErrorIs(t, err, airlock.ErrNotFound)
	for _, registered := range []bool{false, true} {
		known, err := s.Register(t.Context(), requestID("1"), workspace)
		require.NoError(t, err)
		assert.Equal(t, registered, known)
	}
	ws, err := s.WorkspaceOf(t.Context(), requestID("1"))
	require.NoError(t, err)
	assert.Equal(t, workspace, ws)
}

func hashes(t *testing.T, s Requests) {
	const hash, other = "ab00000000000000000000000000000000000000000000000000000000000000", "cd00000000000000000000000000000000000000000000000000000000000000"
	for _, n := range []string{"1", "2", "3"} {
		commit(t, s, create(n))
		c := next(t, s, requestID(n), "hashed")
		c.Request.Files[0].SHA256 = hash
		commit(t, s, c)
		commit(t, s, next(t, s, requestID(n), "and changed again"))
	}
	seen := func(ws airlock.WorkspaceID, hash string, most int) []airlock.RequestID {
		ids, err := s.SeenIn(t.Context(), ws, hash, most)
		require.NoError(t, err)
		return ids
	}
	assert.ElementsMatch(t, []airlock.RequestID{requestID("1"), requestID("2"), requestID("3")}, seen(workspace, hash, 10))
	assert.Len(t, seen(workspace, hash, 2), 2)
	assert.Empty(t, seen(workspace, other, 10))
	assert.Empty(t, seen(elsewhere, hash, 10))
}
