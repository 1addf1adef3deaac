package workflow

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// advanced is what became of a request that was looked after once, with its
// files where its status says.
func advanced(t *testing.T, c *change, given func(b *bench)) (*bench, airlock.Request) {
	b := newBench(t, c)
	source, _ := airlock.SourceOf(c.Type, c.Status)
	from := airlock.Container{Account: string(source), Name: c.ID}
	for _, f := range c.Files {
		etag := f.InProgressETag
		if c.Status == airlock.Submitted {
			etag = f.DraftETag
		}
		b.storage.blobs[from] = append(b.storage.blobs[from], airlock.Blob{Name: f.Name, Size: f.Size, ETag: etag})
	}
	given(b)
	require.NoError(t, b.Advance(t.Context(), b.ws.ID, c.ID, "test"))
	return b, b.table.get(c.ID)
}

// Bytes that are not the ones on record, or that nobody submitted, end the
// request as an incident; nothing is released.
func TestWhatIsNotOnRecordDoesNotGoThrough(t *testing.T) {
	plant := func(stage airlock.Stage) func(b *bench) {
		return func(b *bench) {
			con := airlock.Container{Account: string(stage), Name: submitted().ID}
			b.storage.blobs[con] = append(b.storage.blobs[con], airlock.Blob{Name: "planted.csv", Size: 1, ETag: "p"})
		}
	}
	turn := func(f func(b *airlock.Blob)) func(b *bench) {
		return func(b *bench) { b.storage.copied = func(blob airlock.Blob) airlock.Blob { f(&blob); return blob } }
	}
	withMD5 := func(c *change) *change { c.Files[0].MD5 = "a"; return c }
	tests := map[string]struct {
		given *change
		wrong func(b *bench)
		code  string
	}{
		"a foreign file beside the reviewed ones":      {approving("1"), plant(airlock.ImportInProgress), "integrity_violation"},
		"a foreign file at the destination":            {approving("1"), plant(airlock.ImportApproved), "integrity_violation"},
		"a foreign file in the in-progress account":    {copying("1"), plant(airlock.ImportInProgress), "integrity_violation"},
		"a copy of another size":                       {copying("1"), turn(func(b *airlock.Blob) { b.Size++ }), "integrity_violation"},
		"a copy with another MD5":                      {withMD5(copying("1")), turn(func(b *airlock.Blob) { b.MD5 = "b" }), "integrity_violation"},
		"a released copy of another size":              {approving("1"), turn(func(b *airlock.Blob) { b.Size++ }), "integrity_violation"},
		"a submitted file that was deleted since":      {copying("1"), func(b *bench) { b.storage.copyFault = airlock.ErrGone }, "source_gone"},
		"a reviewed file that was deleted since":       {approving("1"), func(b *bench) { b.storage.copyFault = airlock.ErrGone }, "source_gone"},
		"nothing wrong: released":                      {approving("1"), func(*bench) {}, ""},
		"nothing wrong: no MD5 to compare with":        {withMD5(approving("1")), func(*bench) {}, ""},
		"nothing wrong: the same MD5":                  {withMD5(approving("1")), turn(func(b *airlock.Blob) { b.MD5 = "a" }), ""},
		"nothing wrong: an MD5 where the draft had no": {approving("1"), turn(func(b *airlock.Blob) { b.MD5 = "b" }), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, r := advanced(t, tt.given, tt.wrong)
			if tt.code == "" {
				assert.Equal(t, airlock.Approved, r.Status)
				return
			}
			require.Equal(t, airlock.Failed, r.Status)
			assert.Equal(t, tt.code, r.Failure.Code)
			assert.True(t, b.table.records[0].Security)
			assert.Equal(t, 1, b.book.alerts("integrity_violation"))
			assert.NotContains(t, b.table.actions(), "copy_verified")
		})
	}
}
