package events

import (
	"encoding/json"
	"net/url"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func TestText(t *testing.T) {
	for raw, want := range map[string]string{
		`"\"hello\""`: "hello", `"hello"`: "hello", `{"a":1}`: `{"a":1}`, `null`: "", `1`: "1", `"1"`: "1",
		`"[{\"a\":1}]"`: `[{"a":1}]`,
	} {
		assert.Equal(t, want, text(json.RawMessage(raw)), raw)
	}
	assert.Equal(t, "", text(nil))
}

func TestEventsInEveryEncoding(t *testing.T) {
	const one = `{"id":"1"}`
	once, _ := json.Marshal(one)
	twice, _ := json.Marshal(string(once))
	for _, raw := range []string{one, string(once), string(twice), " " + one} {
		got, ok := splitEvents(json.RawMessage(raw))
		require.True(t, ok, raw)
		require.Len(t, got, 1)
		assert.JSONEq(t, one, string(got[0]))
	}
	for _, raw := range []string{``, `null`, `"null"`, `1`, `"x"`, `{`, `"[1"`} {
		_, ok := splitEvents(json.RawMessage(raw))
		assert.False(t, ok, raw)
	}
}

func TestTheBindingIsFoundByNameOrAlone(t *testing.T) {
	e, ok := openEnvelope([]byte(`{"data":{"other":1},"metadata":{}}`))
	require.True(t, ok)
	assert.Equal(t, "1", string(e.binding("event")))
	e, _ = openEnvelope([]byte(`{"Data":{"a":1,"b":2},"Metadata":{}}`))
	assert.Nil(t, e.binding("event"))
}

func TestParseBlobURL(t *testing.T) {
	tests := []struct {
		in   string
		want location
		ok   bool
	}{
		{"https://acct.blob.core.windows.net/c/a/b.txt", location{"acct", "c", "a/b.txt"}, true},
		{"https://ACCT.blob.core.windows.net/c/", location{"acct", "c", ""}, true},
		{"https://acct.blob.core.windows.net/c", location{"acct", "c", ""}, true},
		{"https://acct.blob.core.windows.net/c/a%20b.txt", location{"acct", "c", "a b.txt"}, true},
		{"https://acct.blob.core.windows.net/c/a+b.txt", location{"acct", "c", "a+b.txt"}, true},
		{"https://acct.blob.core.windows.net/c/a b.txt", location{"acct", "c", "a b.txt"}, true},
		{"https://acct.blob.core.windows.net/c/100%.csv", location{"acct", "c", "100%.csv"}, true},
		{"https://acct.blob.core.windows.net/c/100%25.csv", location{"acct", "c", "100%.csv"}, true},
		{"https://acct.blob.core.windows.net/c/100%2525.csv", location{"acct", "c", "100%25.csv"}, true},
		{"https://acct.blob.core.windows.net/c/what%3F%23.csv", location{"acct", "c", "what?#.csv"}, true},
		{"https://acct.blob.core.windows.net/c/a%2Fb%5Cc", location{"acct", "c", `a/b\c`}, true},
		{"https://acct.blob.core.windows.net/c/%E6%95%B0%E6%8D%AE.csv", location{"acct", "c", "数据.csv"}, true},
		{"https://acct.blob.core.windows.net/c/数据.csv", location{"acct", "c", "数据.csv"}, true},
		{"https://acct.blob.core.windows.net/c/x?sv=1&sig=s#f", location{"acct", "c", "x"}, true},
		{"https://acct.blob.core.windows.net/c//x", location{"acct", "c", "/x"}, true},
		{"https://acct.blob.core.windows.net/", location{}, false},
		{"https://acct.queue.core.windows.net/c/x", location{}, false},
		{"https://user@acct.blob.core.windows.net/c/x", location{}, false},
		{"https://evil.example/c/x", location{}, false},
		{"ftp://acct.blob.core.windows.net/c/x", location{}, false},
		{"acct", location{}, false},
		{"", location{}, false},
	}
	for _, tt := range tests {
		got, err := parseBlobURL(tt.in)
		assert.Equal(t, tt.ok, err == nil, tt.in)
		assert.Equal(t, tt.want, got, tt.in)
	}
}

func FuzzEnvelope(f *testing.F) {
	for _, seed := range []string{scanCall, cloudEventCall, wrap(statusEvent), `{"Data":{"blob":"aGk="},"Metadata":{"name":"\"a\""}}`, `{"Data":{"event":"[]"},"Metadata":{}}`} {
		for which := range Names() {
			f.Add(uint(which), seed)
		}
	}
	f.Fuzz(func(t *testing.T, which uint, body string) {
		name := Names()[int(which)%len(Names())]
		w := &workflow{}
		h, _ := newHandler(w)
		if status := send(t, h, hostCall(name, body)); status != 200 && status != 404 {
			t.Errorf("%s answered %d to %q", name, status, body)
		}
		for _, p := range w.parked {
			if len(p.Event) > maxParked || len(p.Reason) > maxReason || p.ID == "" {
				t.Errorf("parked out of bounds: %+v", p)
			}
		}
	})
}

func FuzzParseBlobURL(f *testing.F) {
	f.Add("acct", "c", "a b%#?.txt")
	f.Fuzz(func(t *testing.T, account, container, blob string) {
		if !airlock.IsAccountName(account) || container == "" || blob == "" || !utf8.ValidString(container+blob) {
			return
		}
		got, err := parseBlobURL("https://" + account + ".blob.core.windows.net/" + url.PathEscape(container) + "/" + url.PathEscape(blob))
		if err != nil || got != (location{account, container, blob}) {
			t.Errorf("parseBlobURL = %+v, %v, want %s/%s/%s", got, err, account, container, blob)
		}
	})
}

func FuzzParseBlobSubject(f *testing.F) {
	f.Add("/blobServices/default/containers/c/blobs/a/b.txt")
	f.Add("storageAccounts/teststore/containers/inbox/blobs/a/b.txt")
	f.Fuzz(func(t *testing.T, subject string) {
		l, ok := parseBlobSubject(subject)
		if ok && l.Container == "" || !ok && l != (location{}) {
			t.Errorf("parseBlobSubject(%q) = %+v, %v", subject, l, ok)
		}
	})
}

func TestParseBlobSubject(t *testing.T) {
	l, ok := parseBlobSubject("/blobServices/default/containers/c/blobs/a/b.txt")
	assert.True(t, ok)
	assert.Equal(t, location{"", "c", "a/b.txt"}, l)
	l, ok = parseBlobSubject("storageAccounts/teststore/containers/c/blobs/blobs/b.txt")
	assert.True(t, ok)
	assert.Equal(t, location{"teststore", "c", "blobs/b.txt"}, l)
	_, ok = parseBlobSubject("bbbbbbbb/statusChanged")
	assert.False(t, ok)
}
