package funchost

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBrokenFunctionsAreLeftOut(t *testing.T) {
	polling := strings.Replace(blobFunction, `"source":"EventGrid",`, "", 1)
	root := stage(t, hostJSON, map[string]string{
		"Good": eventFunction, "host": eventFunction, "9lives": eventFunction, "with.dot": eventFunction,
		"Broken": "{", "Unset": timerFunction, "Queue": `{"bindings":[{"type":"queueTrigger","name":"q"}]}`,
		"Polling": polling, "Unconnected": blobFunction,
		"Dynamic":   strings.Replace(strings.Replace(blobFunction, "dead-letters", "{c}", 1), "Letters", "Set", 1),
		"Output":    `{"bindings":[{"type":"httpTrigger","name":"r"},{"type":"http","direction":"out","name":"$return"},{"type":"queue","direction":"out","name":"q"}]}`,
		"BadRoute":  httpFunction("x/{id:money}", ""),
		"Deep/Down": eventFunction,
	})
	h, err := New(Options{Root: root, Settings: map[string]string{"Set": "x"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"Good"}, h.Functions())
	assert.Len(t, h.Broken(), 11)
}

func TestHostFile(t *testing.T) {
	for _, test := range []struct{ name, text, wantErr string }{
		{"fine", hostJSON, ""},
		{"not JSON", "{", "host.json"},
		{"old version", strings.Replace(hostJSON, "2.0", "1.0", 1), "version"},
		{"no executable", strings.Replace(hostJSON, `"handler"`, `""`, 1), "defaultExecutablePath"},
		{"missing executable", strings.Replace(hostJSON, `"handler"`, `"nowhere-to-be-found"`, 1), "no executable"},
		{"odd timeout", strings.Replace(hostJSON, `00:00:02`, `2s`, 1), "functionTimeout"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := New(Options{Root: stage(t, test.text, nil)})
			if test.wantErr == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.wantErr)
		})
	}
}

func TestSpans(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": time.Hour, "-1": 0, "00:05:00": 5 * time.Minute, "1.02:00:00": 26 * time.Hour, "00:00:01.5": 1500 * time.Millisecond,
	} {
		got, err := parseSpan(text, time.Hour)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"5", "x:y:z", "a.00:00:01", "00:00:00"} {
		_, err := parseSpan(text, 0)
		require.Error(t, err, text)
	}
}

func TestSettings(t *testing.T) {
	s := newSettings([]string{"A=1", "B=2"}, map[string]string{"B": "3"})
	text, err := s.expand("%A% and %B%, 100% sure")
	require.NoError(t, err)
	assert.Equal(t, "1 and 3, 100% sure", text)
	_, err = s.expand("%A% %MISSING%")
	require.ErrorContains(t, err, "MISSING")
	assert.Equal(t, "1 ", s.expandLoosely("%A% %MISSING%"))
}

func TestGUIDs(t *testing.T) {
	for text, want := range map[string]bool{
		id: true, strings.ToUpper(id): true, " " + id + " ": true, strings.ReplaceAll(id, "-", ""): true,
		"{" + id + "}": true, "(" + id + ")": true, "{0x0a1b2c3d,0x1111,0x4222,{0x83,0x33,0x44,0x44,0x55,0x55,0x66,0x66}}": true,
		"+a1b2c3d-1111-4222-8333-444455556666": true, "0xab2c3d-1111-4222-8333-444455556666": true,
		"0x1b2c3d-1111-0x22-8333-444455556666": true,
		"{" + id + ")":                         false, id[1:]: false, id + "0": false, "": false, "g" + id[1:]: false,
		"{0x0a1b2c3d,0x1111,0x4222,{0x83,0x33}}": false, "{" + strings.ReplaceAll(id, "-", "") + "}": false,
	} {
		assert.Equal(t, want, isGUID(text), text)
	}
}

func TestBlobPaths(t *testing.T) {
	p, err := parseBlobPath("letters/{year}/{name}.json")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"year": "2026", "name": "a/b"}, func() map[string]string {
		p, err := parseBlobPath("letters/{year}-{name}.json")
		require.NoError(t, err)
		return p.parameters("letters", "2026-a/b.json")
	}())
	assert.Empty(t, p.parameters("other", "2026/a.json"))
	assert.Empty(t, p.parameters("letters", "a.json"))
	for _, bad := range []string{"letters", "/x", "letters/", `a\b/c`} {
		_, err := parseBlobPath(bad)
		require.Error(t, err, bad)
	}
}

func TestSchedules(t *testing.T) {
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.DateTime, text)
		require.NoError(t, err)
		return parsed
	}
	for _, test := range []struct{ schedule, after, want string }{
		{"0 * * * * *", "2026-01-01 00:00:00", "2026-01-01 00:01:00"},
		{"*/2 * * * * *", "2026-01-01 00:00:00", "2026-01-01 00:00:02"},
		{"*/2 * * * * *", "2026-01-01 00:00:59", "2026-01-01 00:01:00"},
		{"0 */15 * * * *", "2026-01-01 00:50:01", "2026-01-01 01:00:00"},
		{"30 5,10 8-10 * * *", "2026-01-01 10:10:30", "2026-01-02 08:05:30"},
		{"0 0 0 29 2 *", "2026-01-01 00:00:00", "2028-02-29 00:00:00"},
		{"0 0 9 * * Mon-Fri", "2026-01-02 10:00:00", "2026-01-05 09:00:00"},
		{"0 0 0 1 Jan,Jul *", "2026-01-02 10:00:00", "2026-07-01 00:00:00"},
		{"0 0 0 13 * 5", "2026-01-01 00:00:00", "2026-02-13 00:00:00"},
		{"10/20 * * * * *", "2026-01-01 00:00:31", "2026-01-01 00:00:50"},
		{"5 * * * *", "2026-01-01 00:00:00", "2026-01-01 00:05:00"},
	} {
		s, err := parseSchedule(test.schedule)
		require.NoError(t, err, test.schedule)
		assert.Equal(t, at(test.want), s.next(at(test.after)), test.schedule)
	}
	for _, bad := range []string{"", "* * * *", "60 * * * * *", "* * * 0 * *", "*/0 * * * * *", "9-8 * * * * *", "x * * * * *", "0 0 0 30 2 *", "00:05:00"} {
		_, err := parseSchedule(bad)
		require.Error(t, err, bad)
	}
}

func TestRouteTemplates(t *testing.T) {
	for _, test := range []struct {
		template, path string
		want           bool
	}{
		{"a/{x?}", "/a", true},
		{"a/{x?}", "/a/b", true},
		{"a/{x?}", "/a/b/c", false},
		{"a/{x}", "/a", false},
		{"a/{x:int}", "/a/12", true},
		{"a/{x:int}", "/a/b", false},
		{"a/{x:alpha:minlength(2):maxlength(3)}", "/a/bc", true},
		{"a/{x:alpha:minlength(2):maxlength(3)}", "/a/b", false},
		{"a/{x:length(1)}", "/a/ü", true},
		{"a/{x:length(2,3)}", "/a/b", false},
		{"a/{x:length(2,3)}", "/a/bc", true},
		{"a/{x:length(2,3)}", "/a/bcde", false},
		{"a/{x:length(2,3)}", "/a/ü", false},
		{"a/{x:length(2,3)}", "/a/üb", true},
		{"a/{x:length(2,3)}", "/a/bcde", false},
		{"{*all}", "/", true},
		{"{**all}", "/a/b", true},
	} {
		r, err := parseRoute(test.template)
		require.NoError(t, err)
		assert.Equal(t, test.want, r.match(test.path), "%s %s", test.template, test.path)
	}
	for _, bad := range []string{"a//b", "a{b}", "{a}{b}", "{*a}/b", "{a?}/b", "{a=1}", "{a:what}", "{a:length(2,x)}", "{a:minlength(1,2)}", "{}", "{a", "a/"} {
		_, err := parseRoute(bad)
		require.Error(t, err, bad)
	}
}

func TestServerPaths(t *testing.T) {
	for raw, want := range map[string]string{
		"/a%20b": "/a b", "/%C3%BC": "/ü", "/a%2Fb": "/a%2Fb", "/a%2fb": "/a%2fb", "/a/%2e/b": "/a/b", "/%FF": "/%FF", "/%C3x": "/%C3x",
		"/a/..": "/", "/a/.": "/a/", "/../a": "/a", "/a%5Cb": `/a\b`, "/%252e": "/%2e", "//a": "//a",
	} {
		got, err := serverPath(raw)
		require.NoError(t, err, raw)
		assert.Equal(t, want, got, raw)
	}
	for decoded, want := range map[string]string{
		"/a b": "/a%20b", "/ü": "/%C3%BC", `/a\..\b`: "/b", "/a?b": "/a", "/a#b": "/a", "/%41": "/A", "/%2F": "/%2F", "/100%": "/100%25", "/a ": "/a", "/a{b}": "/a%7Bb%7D",
	} {
		assert.Equal(t, want, forwardedPath(decoded, false), decoded)
	}
	assert.Equal(t, "/a%20", forwardedPath("/a ", true))
}
