package chaos_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/chaos"
	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// wrong is something that must not be, and what the inquest has to say of it. What it leaves behind for other cases is
// taken back by the function do returns.
type wrong struct {
	do   func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) (undo func())
	says string
}

// rows returns the subject's rows of a kind.
func rows(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case, kind string) []ground.Row {
	all, err := c.Ground.Rows(ctx, ground.RequestsTable, c.Workspaces[s.Workspace], kind)
	require.NoError(t, err)
	var own []ground.Row
	for _, row := range all {
		if strings.Contains(row.Key(), s.ID) {
			own = append(own, row)
		}
	}
	return own
}

func put(ctx context.Context, t *testing.T, c *story.Cloud, row ground.Row) {
	require.NoError(t, c.Ground.Put(ctx, ground.RequestsTable, row))
}

func remove(ctx context.Context, t *testing.T, c *story.Cloud, row ground.Row) {
	require.NoError(t, c.Ground.Remove(ctx, ground.RequestsTable, row))
}

func copyOf(row ground.Row, key string) ground.Row {
	other := ground.Row{}
	for name, value := range row {
		other[name] = value
	}
	other["RowKey"] = key
	return other
}

// kept is the name of an item about findings that begins so.
func kept(ctx context.Context, t *testing.T, c *story.Cloud, prefix string) string {
	blobs, _, err := c.Ground.Blobs(ctx, ground.EvidenceAccount, "findings")
	require.NoError(t, err)
	for _, b := range blobs {
		if strings.HasPrefix(b.Name, prefix) {
			return b.Name
		}
	}
	t.Fatal("nothing is kept below " + prefix)
	return ""
}

var wrongs = map[string]wrong{
	"no such request": {says: "lost: there is no request", do: func(_ context.Context, _ *testing.T, _ *story.Cloud, s *chaos.Case) func() {
		s.ID = "00000000-0000-4000-8000-000000000000"
		return nil
	}},
	"another end": {says: "wrong: it ended in approved", do: func(_ context.Context, _ *testing.T, _ *story.Cloud, s *chaos.Case) func() {
		s.Want = []string{story.Rejected}
		return nil
	}},
	"other bytes": {says: "has other bytes", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		_, err := c.Ground.Write(ctx, story.Account(s.Direction, story.Approved, s.Workspace), s.ID, s.Files[0].Name, []byte("other"))
		require.NoError(t, err)
		return nil
	}},
	"missing bytes": {says: "lost: a file is missing", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		require.NoError(t, c.Ground.Delete(ctx, story.Account(s.Direction, story.Approved, s.Workspace), s.ID, s.Files[0].Name))
		return nil
	}},
	"a file too many": {says: "never uploaded", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		_, err := c.Ground.Write(ctx, story.Account(s.Direction, story.Approved, s.Workspace), s.ID, "another", nil)
		require.NoError(t, err)
		return nil
	}},
	"a container left": {says: "is left in stalimexlocal", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		_, err := c.Ground.Write(ctx, "stalimexlocal", s.ID, "draft", nil)
		require.NoError(t, err)
		return nil
	}},
	"a stranger's container": {says: "no request's", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		_, err := c.Ground.Write(ctx, "stalimiplocal", "00000000-0000-4000-8000-000000000001", "stray", nil)
		require.NoError(t, err)
		return func() {
			require.NoError(t, c.Ground.DeleteContainer(ctx, "stalimiplocal", "00000000-0000-4000-8000-000000000001"))
		}
	}},
	"an edited record": {says: "the hash is not that of the bytes", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		row := rows(ctx, t, c, s, "a|")[1]
		row.SetText("Body", strings.Replace(row.Text("Body"), "action", "axtion", 1))
		put(ctx, t, c, row)
		return nil
	}},
	"a missing record": {says: "does not continue the chain", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		remove(ctx, t, c, rows(ctx, t, c, s, "a|")[1])
		return nil
	}},
	"a cut trail": {says: "the request counts", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		all := rows(ctx, t, c, s, "a|")
		remove(ctx, t, c, all[len(all)-1])
		return nil
	}},
	"not listed": {says: "0 index rows of kind s", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		remove(ctx, t, c, rows(ctx, t, c, s, "s|")[0])
		return nil
	}},
	"listed twice": {says: "it is approved and listed as draft", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		row := rows(ctx, t, c, s, "s|")[0]
		put(ctx, t, c, copyOf(row, strings.Replace(row.Key(), "s|approved|", "s|draft|", 1)))
		return nil
	}},
	"an unpublished event": {says: "stuck: 1 events wait in the outbox", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		// In the year 2200, so that the reconciler lets it lie.
		row := copyOf(rows(ctx, t, c, s, "t|")[0], "o|7258118400000000000|"+s.ID+"|00|x")
		put(ctx, t, c, row)
		return func() { remove(ctx, t, c, row) }
	}},
	"no report of a gate": {says: "what gate_verdict names is not among the evidence", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		require.NoError(t, c.Ground.Delete(ctx, ground.EvidenceAccount, "findings", kept(ctx, t, c, s.ID+"/")))
		return nil
	}},
	"another report of a gate": {says: "the evidence of gate_verdict is another", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		_, err := c.Ground.Write(ctx, ground.EvidenceAccount, "findings", kept(ctx, t, c, s.ID+"/"), []byte("{}"))
		require.NoError(t, err)
		return nil
	}},
	"nothing found": {says: "no gate found hidden.sheet", do: func(_ context.Context, _ *testing.T, _ *story.Cloud, s *chaos.Case) func() {
		s.Finds = "hidden.sheet"
		return nil
	}},
	"no acknowledgement": {says: "what findings_acknowledged names is not among the evidence", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		require.NoError(t, c.Ground.Delete(ctx, ground.EvidenceAccount, "findings", kept(ctx, t, c, "acks/"+s.ID)))
		return nil
	}},
	"no receipt": {says: "is not stored", do: func(ctx context.Context, t *testing.T, c *story.Cloud, s *chaos.Case) func() {
		require.NoError(t, c.Ground.Delete(ctx, ground.EvidenceAccount, "receipts", s.ID+"/release.json"))
		return nil
	}},
}
