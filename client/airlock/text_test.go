package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRedact(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"https://a.blob.core.windows.net/c?sv=1&sig=abc%2Fdef%3D&se=2", "SIG=abc def", "Authorization: Bearer abc.def",
		"token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln failed", `"sig=abc"`,
	} {
		got := redact(text)
		assert.Contains(t, got, "[hidden]", text)
		for _, part := range []string{"abc", "eyJzdWIi", "c2ln"} {
			assert.NotContains(t, got, part, text)
		}
	}
	assert.Equal(t, "design=1 & nothing", redact("design=1 & nothing"))
}

func FuzzRedact(f *testing.F) {
	f.Add("x", "y")
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "c2VjcmV0c2VjcmV0"
		assert.NotContains(t, redact(before+"?sig="+secret+"&"+after), secret)
	})
}

func TestVisible(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "a<U+001B>[31mb", visible("a\x1b[31mb"))
	assert.Equal(t, "a<U+202E>b", visible("a\u202eb"))
	assert.Equal(t, "a\nb\tc", visible("a\nb\tc"))
	assert.Equal(t, "a b", oneLine("a\r\n\t b"))
	assert.Equal(t, "größe", visible("größe"))
}

func TestSizeAndSpan(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 999_949: "999.9 kB", 999_950: "1.0 MB", 5 << 30: "5.4 GB", 1<<63 - 1: "9.2 EB"} {
		assert.Equal(t, want, size(n))
	}
	for d, want := range map[time.Duration]string{0: "0 s", 59 * time.Second: "59 s", 61 * time.Second: "1 min 1 s", 25 * time.Hour: "1 d 1 h", 90 * time.Minute: "1 h 30 min"} {
		assert.Equal(t, want, span(d))
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"7d": 168 * time.Hour, "2w": 336 * time.Hour, "90m": 90 * time.Minute, "12h": 12 * time.Hour} {
		got, err := duration(text)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, text := range []string{"", "d", "-1d", "x", "7", "-5m"} {
		_, err := duration(text)
		assert.Equal(t, exitUsage, codeOf(err), text)
	}
	day, err := since("2026-11-30")
	require.NoError(t, err)
	assert.Equal(t, "2026-11-30 00:00", day.Format("2006-01-02 15:04"))
	hour, err := since("1h")
	require.NoError(t, err)
	assert.WithinRange(t, hour, time.Now().Add(-time.Hour-time.Minute), time.Now().Add(-time.Hour+time.Minute))
}

// A file's name may hold the sign that separates it from the decision.
func TestFileReviews(t *testing.T) {
	t.Parallel()
	got, err := fileReviews([]string{"a.csv=fine", "a=b.csv=withhold:too small", "x=fine=change:see row 3: n=2"})
	require.NoError(t, err)
	assert.Equal(t, []fileReview{{"a.csv", "fine", ""}, {"a=b.csv", "withhold", "too small"}, {"x=fine", "change", "see row 3: n=2"}}, got)
	for _, text := range []string{"a.csv", "=fine", "a.csv=good", "a.csv=finer"} {
		_, err := fileReviews([]string{text})
		assert.Error(t, err, text)
	}
}

// A table is never wider than the terminal.
func TestTable(t *testing.T) {
	t.Parallel()
	table := table{head: []string{"ID", "TITLE", "STATUS"}, elastic: 1}
	table.add("3f2a9100", strings.Repeat("long ", 20), "in review")
	table.add("b17c0200", "ü", "draft")
	for _, width := range []int{200, 80, 40, 20, 5, 1} {
		for _, line := range strings.Split(strings.TrimSuffix(table.aligned(width, false), "\n"), "\n") {
			assert.LessOrEqual(t, len([]rune(line)), width)
		}
	}
	assert.Equal(t, "ID        TITLE     STATUS\n3f2a9100  long lo…  in review\nb17c0200  ü         draft\n", table.aligned(29, false))
}

func TestProgressText(t *testing.T) {
	t.Parallel()
	p := &progress{what: "Uploading", name: "a.csv", total: 10_000_000, done: 4_000_000, sent: 4_000_000, started: time.Now().Add(-2 * time.Second)}
	assert.Regexp(t, `^Uploading a\.csv   40 %  4\.0 MB of 10\.0 MB  [12]\.\d MB/s  \d s left$`, p.text(0))
	for width := 6; width < 90; width++ {
		assert.LessOrEqual(t, len([]rune(p.text(width))), width)
	}
	assert.Contains(t, (&progress{total: 0, started: time.Now()}).text(0), "100 %")
}

func TestSetMembers(t *testing.T) {
	t.Parallel()
	policy, err := readObject([]byte(`{"review":{"exportApprovals":1},"enabled":true}`))
	require.NoError(t, err)
	require.NoError(t, setMembers(policy, []string{"review.exportApprovals=2", "enabled=", `review.more=["x"]`}))
	assert.Equal(t, map[string]string{"review.exportApprovals": "2", "review.more": `["x"]`}, flat(policy))
	for _, bad := range []string{"review", "=1", "nothing.here=1", "review.exportApprovals.x=1"} {
		assert.Equal(t, exitUsage, codeOf(setMembers(policy, []string{bad})), bad)
	}
}

// Long lines break between words, and what follows stands under the value.
func TestWrapped(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "Next        one\n            two\n", wrapped("Next        one two\n", 16, factsIndent))
	assert.Equal(t, "one two\nthree\n", wrapped("one two three\n", 9, 0))
	assert.Equal(t, "one\ntwo", wrapped("one two", 3, 0))
	const hash = "0123456789012345678901234567890123456789"
	assert.Equal(t, "Files       a.csv\n            "+hash+"\n            clean\n", wrapped("Files       a.csv  "+hash+"  clean\n", 24, factsIndent), "what is copied stays whole")
	assert.Equal(t, hash+"\n", wrapped(hash+"\n", 20, 0))
	for width := range 40 {
		got := wrapped("Why         a reason of many words, größer als breit\n", width, factsIndent)
		assert.Equal(t, strings.Fields("Why a reason of many words, größer als breit"), strings.Fields(got), width)
	}
}

// A table that does not fit loses columns, then its longest cells are cut.
func TestTableGivesWay(t *testing.T) {
	t.Parallel()
	r := table{head: []string{"ID", "TITLE", "TYPE", "FROM"}, elastic: 1, optional: []int{3, 2}}
	r.add("1", strings.Repeat("t", 40), "import", "Ada Researcher")
	assert.Equal(t, "ID  TITLE"+strings.Repeat(" ", 37)+"TYPE    FROM\n1   "+strings.Repeat("t", 40)+"  import  Ada Researcher\n", r.aligned(80, false))
	assert.Equal(t, "ID  TITLE"+strings.Repeat(" ", 35)+"TYPE\n1   "+strings.Repeat("t", 37)+"…  import\n", r.aligned(50, false))
	assert.Equal(t, "ID  TITLE\n1   "+strings.Repeat("t", 25)+"…\n", r.aligned(30, false))
}
