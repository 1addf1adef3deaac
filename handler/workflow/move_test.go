package workflow

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/transfer"
)

// advanced is a request after one look, with its
// files where its status says.
func advanced(t *testing.T, c *change, given func(b *testBed)) (*testBed, airlock.Request) {
	b := newTestBed(t, c)
	source, _ := airlock.SourceOf(c.Type, c.Status)
	from := airlock.Container{Account: string(source), Name: airlock.ContainerName(c.ID)}
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
	plant := func(stage airlock.Stage) func(b *testBed) {
		return func(b *testBed) {
			con := airlock.Container{Account: string(stage), Name: airlock.ContainerName(submitted().ID)}
			b.storage.blobs[con] = append(b.storage.blobs[con], airlock.Blob{Name: "planted.csv", Size: 1, ETag: "p"})
		}
	}
	turn := func(f func(b *airlock.Blob, c *airlock.Copied)) func(b *testBed) {
		return func(b *testBed) { b.storage.turn = f }
	}
	otherSum := turn(func(_ *airlock.Blob, c *airlock.Copied) { c.CRC64 = sum(8) })
	noSum := func(_ *airlock.Blob, c *airlock.Copied) { c.CRC64 = nil }
	found := func(_ *airlock.Blob, c *airlock.Copied) { c.Made = false }
	reads := func(sha string, crc airlock.CRC64, f func(*airlock.Blob, *airlock.Copied)) func(b *testBed) {
		return func(b *testBed) {
			b.storage.turn = f
			b.storage.hash = func(_ context.Context, _ string, p airlock.HashProgress) (airlock.HashProgress, string, error) {
				p.CRC64 = crc
				return p, sha, nil
			}
		}
	}
	huge := func(c *change) *change { c.Files[0].Size, c.Files[0].SHA256 = 1<<40, ""; return c }
	bare := func(c *change) *change { huge(c).Files[0].CRC64 = nil; return c }
	tests := map[string]struct {
		given *change
		wrong func(b *testBed)
		code  string
		read  int // how often bytes are read when nothing is wrong
	}{
		"a foreign file beside the reviewed ones":        {approving("1"), plant(airlock.ImportInProgress), "integrity_violation", 0},
		"a foreign file at the destination":              {approving("1"), plant(airlock.ImportApproved), "integrity_violation", 0},
		"a foreign file in the in-progress account":      {copying("1"), plant(airlock.ImportInProgress), "integrity_violation", 0},
		"a copy of another size":                         {copying("1"), turn(func(b *airlock.Blob, _ *airlock.Copied) { b.Size++ }), "integrity_violation", 0},
		"a copy that was replaced":                       {copying("1"), turn(func(b *airlock.Blob, _ *airlock.Copied) { b.ETag = "x" }), "integrity_violation", 0},
		"a copy that storage says has other bytes":       {copying("1"), otherSum, "integrity_violation", 0},
		"a released copy of another size":                {approving("1"), turn(func(b *airlock.Blob, _ *airlock.Copied) { b.Size++ }), "integrity_violation", 0},
		"a released copy with another checksum":          {approving("1"), otherSum, "integrity_violation", 0},
		"a huge released copy with another checksum":     {huge(approving("1")), otherSum, "integrity_violation", 0},
		"a found release that reads as something else":   {approving("1"), reads("cd", 7, found), "integrity_violation", 0},
		"a found huge release that reads otherwise":      {huge(approving("1")), reads("cd", 8, found), "integrity_violation", 0},
		"an unsummed release that reads as other bytes":  {approving("1"), reads("cd", 7, noSum), "integrity_violation", 0},
		"a submitted file that was deleted since":        {copying("1"), func(b *testBed) { b.storage.copyFault = airlock.ErrGone }, "source_gone", 0},
		"a reviewed file that was deleted since":         {approving("1"), func(b *testBed) { b.storage.copyFault = airlock.ErrGone }, "source_gone", 0},
		"nothing wrong: released without reading":        {approving("1"), func(*testBed) {}, "", 0},
		"nothing wrong: storage told no checksum":        {approving("1"), turn(noSum), "", 1},
		"nothing wrong: found, and read":                 {approving("1"), turn(found), "", 1},
		"nothing wrong: huge, and not read":              {huge(approving("1")), func(*testBed) {}, "", 0},
		"nothing wrong: huge, found, and read":           {huge(approving("1")), turn(found), "", 1},
		"nothing wrong: huge, and nothing to compare it": {bare(approving("1")), turn(found), "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, r := advanced(t, tt.given, tt.wrong)
			if tt.code == "" {
				assert.Equal(t, airlock.Approved, r.Status)
				assert.Equal(t, tt.read, b.storage.read)
				assert.True(t, r.Files[0].FinalChecked)
				return
			}
			require.Equal(t, airlock.Failed, r.Status)
			assert.Equal(t, tt.code, r.Failure.Code)
			assert.True(t, b.table.records[0].Security)
			assert.Equal(t, 1, b.logs.alerts("integrity_violation"))
			assert.NotContains(t, b.table.actions(), "copy_verified")
		})
	}
}

// In the in-progress account bytes that were found, not made, are believed only
// once they were read and are those that storage copied.
func TestWhatArrivedIsWhatWasCopied(t *testing.T) {
	arrive := func(c *change, p transfer.Progress) error {
		_, err := c.noteCopiedIn(map[string]transfer.Progress{"1.csv": p}, "stalimip")
		return err
	}
	made := func(crc *airlock.CRC64, byUs bool) airlock.Copied {
		return airlock.Copied{ETag: "1", CRC64: crc, Made: byUs}
	}
	hash := func(crc airlock.CRC64) *airlock.HashProgress {
		return &airlock.HashProgress{ETag: "1", Offset: 1, CRC64: crc}
	}
	huge := func() *change { c := copying("1"); c.Files[0].Size = 1 << 40; return c }

	c := copying("1")
	require.NoError(t, arrive(c, transfer.Progress{Copied: made(sum(7), true), Hash: hash(7), Sum: "ab"}))
	assert.True(t, c.Copied())
	assert.Equal(t, sum(7), c.Files[0].CRC64)

	c = copying("1")
	require.NoError(t, arrive(c, transfer.Progress{Copied: made(sum(7), true), Hash: hash(3), Short: true}))
	assert.False(t, c.Copied(), "half read")
	require.NoError(t, arrive(c, transfer.Progress{Copied: airlock.Copied{ETag: "1"}, Hash: hash(7), Sum: "ab"}))
	assert.True(t, c.Copied())

	var integrity *airlock.IntegrityError
	require.ErrorAs(t, arrive(copying("1"), transfer.Progress{Copied: made(sum(8), false), Hash: hash(7), Sum: "ab"}), &integrity)

	c = huge()
	require.NoError(t, arrive(c, transfer.Progress{Copied: made(sum(7), true)}))
	assert.True(t, c.Copied(), "storage's word on what we copied")
	c = huge()
	require.NoError(t, arrive(c, transfer.Progress{Copied: made(sum(7), false)}))
	assert.False(t, c.Copied(), "somebody else may have put it there")
	require.ErrorAs(t, arrive(c, transfer.Progress{Copied: airlock.Copied{ETag: "1"}, Hash: hash(8), Sum: "ab"}), &integrity)
	require.NoError(t, arrive(c, transfer.Progress{Copied: airlock.Copied{ETag: "1"}, Hash: hash(7), Sum: "ab"}))
	assert.True(t, c.Copied())
}

// A blob made anew for another scan that was found there is read again.
func TestAFoundRescanIsReadAgain(t *testing.T) {
	c := submitted("1")
	c.Files[0].Rescanned(airlock.Copied{ETag: "2"}, noon)
	require.False(t, c.Copied())
	wrong := transfer.Progress{Copied: airlock.Copied{ETag: "2"}, Hash: &airlock.HashProgress{ETag: "2", CRC64: 7}, Sum: "cd"}
	_, err := c.noteCopiedIn(map[string]transfer.Progress{"1.csv": wrong}, "stalimip")
	var integrity *airlock.IntegrityError
	require.ErrorAs(t, err, &integrity)
	wrong.Sum = "ab"
	_, err = c.noteCopiedIn(map[string]transfer.Progress{"1.csv": wrong}, "stalimip")
	require.NoError(t, err)
	require.True(t, c.Copied())
	assert.Equal(t, "2", c.Files[0].InProgressETag)
}

// The staged blocks of a large file are kept, and the copy goes on from there.
func TestACopyIsKeptHalfway(t *testing.T) {
	c := copying("1")
	half := transfer.Progress{Copy: &airlock.CopyProgress{Source: "d1", Offset: 5, CRC64: sum(3)}, Short: true}
	news, err := c.noteCopiedIn(map[string]transfer.Progress{"1.csv": half}, "stalimip")
	require.NoError(t, err)
	assert.True(t, news)
	assert.Equal(t, half.Copy, c.Files[0].Copy)
	assert.True(t, c.continueIfShort(map[string]transfer.Progress{"1.csv": half}))
	news, err = c.noteCopiedIn(map[string]transfer.Progress{"1.csv": half}, "stalimip")
	require.NoError(t, err)
	assert.False(t, news, "no further than before")
	_, err = c.noteCopiedIn(map[string]transfer.Progress{"1.csv": {Copied: airlock.Copied{ETag: "1", CRC64: sum(7), Made: true}}}, "stalimip")
	require.NoError(t, err)
	assert.Nil(t, c.Files[0].Copy)
}
