package events

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// scanEvent is a verdict with the given members of its data.
func scanEvent(members string) string {
	return `{"id":"e","eventType":"Microsoft.Security.MalwareScanningResult","eventTime":"2026-11-23T10:00:01Z","data":{` + members + `}}`
}

const scanURI = `"blobUri":"https://acct.blob.core.windows.net/` + string(req1) + `/f"`

// scanned delivers a scan result and returns the workflow's calls.
func scanned(t *testing.T, event string) *workflow {
	t.Helper()
	w := &workflow{}
	h, _ := newHandler(w)
	require.Equal(t, 200, send(t, h, hostCall("OnScanResult", wrap(event))), event)
	return w
}

func TestWordsOfTheScanner(t *testing.T) {
	for word, want := range map[string]airlock.Outcome{
		`"No threats found"`: airlock.Clean, `"Malicious"`: airlock.Malicious, `"MALICIOUS"`: airlock.Malicious, `" malicious\u200b"`: airlock.Malicious,
		`["Malicious"]`: airlock.Malicious, `{"value":"Malicious"}`: airlock.Malicious, `"Mali-cious"`: airlock.Malicious,
		`"Not scanned"`: airlock.NotScanned, `"NotScanned"`: airlock.NotScanned, `"Not scanned - delayed"`: airlock.NotScanned,
		`"Error"`: airlock.ScanError, `"SAM259201: Scan failed - internal service error."`: airlock.ScanError,
	} {
		w := scanned(t, scanEvent(scanURI+`,"eTag":"\"0x1\"","scanResultType":`+word))
		require.Len(t, w.scans, 1, word)
		assert.Equal(t, want, w.scans[0].Outcome, word)
		assert.Equal(t, "0x1", w.scans[0].ETag, "quotes are not part of an ETag")
		assert.Equal(t, "e", w.scans[0].ID, "without a correlation id the event's own")
	}
}

// A verdict that is neither clear nor malware stops the release of its request.
func TestAnUnclearVerdictIsParkedWithItsRequest(t *testing.T) {
	const clean = `,"scanResultType":"No threats found"`
	for name, members := range map[string]string{
		"no ETag":                 scanURI + clean,
		"empty ETag":              scanURI + `,"eTag":"\"\""` + clean,
		"ETag is a number":        scanURI + `,"eTag":1` + clean,
		"ETag too long":           scanURI + `,"eTag":"` + strings.Repeat("x", 200) + `"` + clean,
		"clean in another case":   scanURI + `,"eTag":"0x1","scanResultType":"no threats found"`,
		"clean and a blank":       scanURI + `,"eTag":"0x1","scanResultType":"No threats found "`,
		"an unknown word":         scanURI + `,"eTag":"0x1","scanResultType":"Clean"`,
		"no word":                 scanURI + `,"eTag":"0x1"`,
		"a number for a word":     scanURI + `,"eTag":"0x1","scanResultType":0`,
		"two words":               scanURI + `,"eTag":"0x1","scanResultType":"No threats found","scanResultType":"No threats found"`,
		"two words that disagree": scanURI + `,"eTag":"0x1","ScanResultType":"Error","scanResultType":"No threats found"`,
	} {
		w := scanned(t, scanEvent(members))
		assert.Empty(t, w.scans, name)
		require.Len(t, w.parked, 1, name)
		assert.Equal(t, &airlock.Container{Account: "acct", Name: airlock.ContainerName(req1)}, w.parked[0].Concerns, name)
	}
	for name, e := range map[string]string{
		"no address":         scanEvent(`"eTag":"0x1","scanResultType":"No threats found"`),
		"no storage account": scanEvent(`"blobUri":"https://evil.example.org/` + string(req1) + `/f","eTag":"0x1","scanResultType":"No threats found"`),
	} {
		w := scanned(t, e)
		assert.Empty(t, w.scans, name)
		require.Len(t, w.parked, 1, name)
		assert.Nil(t, w.parked[0].Concerns, name)
	}
}

// Malware counts however odd the rest of the event is.
func TestOddEventsAboutMalware(t *testing.T) {
	const malicious = `,"scanResultType":"Malicious"`
	subject := `"subject":"storageAccounts/acct/containers/` + string(req1) + `/blobs/f"`
	for name, tt := range map[string]struct {
		event string
		want  []string
	}{
		"names as one text":     {scanEvent(scanURI + `,"eTag":"0x1"` + malicious + `,"scanResultDetails":{"malwareNamesFound":"EICAR"}`), []string{"EICAR"}},
		"names as objects":      {scanEvent(scanURI + `,"eTag":"0x1"` + malicious + `,"scanResultDetails":{"malwareNamesFound":[{"name":"EICAR"},{"name":"X"}]}`), []string{"EICAR", "X"}},
		"names as numbers":      {scanEvent(scanURI + `,"eTag":"0x1"` + malicious + `,"scanResultDetails":{"malwareNamesFound":7}`), []string{"7"}},
		"details as text":       {scanEvent(scanURI + `,"eTag":"0x1"` + malicious + `,"scanResultDetails":"EICAR"`), nil},
		"details as JSON":       {scanEvent(scanURI + `,"eTag":"0x1"` + malicious + `,"scanResultDetails":"{\"malwareNamesFound\":[\"EICAR\"]}"`), []string{"EICAR"}},
		"details as a list":     {scanEvent(scanURI + `,"eTag":"0x1"` + malicious + `,"scanResultDetails":[{"malwareNamesFound":["EICAR"]}]`), []string{"EICAR"}},
		"numbers everywhere":    {scanEvent(scanURI + `,"eTag":"0x1","correlationId":5,"scanFinishedTimeUtc":6` + malicious + `,"scanResultDetails":{"sha256":7}`), nil},
		"no ETag":               {scanEvent(scanURI + malicious), nil},
		"an ETag of no text":    {scanEvent(scanURI + `,"eTag":{"a":1}` + malicious), nil},
		"no address":            {`{"id":7,` + subject + `,"eventType":"Microsoft.Security.MalwareScanningResult","data":{"eTag":"0x1"` + malicious + `}}`, nil},
		"an address of no text": {`{` + subject + `,"eventType":"Microsoft.Security.MalwareScanningResult","eventTime":9,"data":{"blobUri":3,"eTag":"0x1"` + malicious + `}}`, nil},
		"data as a list":        {`{` + subject + `,"eventType":"Microsoft.Security.MalwareScanningResult","data":[{"eTag":"0x1"` + malicious + `}]}`, nil},
		"clean with names":      {scanEvent(scanURI + `,"eTag":"0x1","scanResultType":"No threats found","scanResultDetails":{"malwareNamesFound":["EICAR"]}`), []string{"EICAR"}},
		"said after clean":      {scanEvent(scanURI + `,"eTag":"0x1","scanResultType":"No threats found","scanresulttype":"malicious"`), nil},
		"said before clean":     {scanEvent(scanURI + `,"eTag":"0x1","scanResultType":"malicious","scanResultType":"No threats found"`), nil},
	} {
		w := scanned(t, tt.event)
		require.Len(t, w.scans, 1, name)
		assert.Equal(t, airlock.Malicious, w.scans[0].Outcome, name)
		assert.Equal(t, tt.want, w.scans[0].Malware, name)
		assert.Equal(t, "acct", w.scans[0].Account, name)
		assert.Equal(t, airlock.ContainerName(req1), w.scans[0].Container, name)
		assert.Equal(t, "f", w.scans[0].Name(), name)
	}
}

func TestNamesAndReasonsAreBounded(t *testing.T) {
	e := scanEvent(scanURI + `,"eTag":"0x1","scanResultType":"Malicious",
	 "scanResultDetails":{"malwareNamesFound":["DOS/EICAR_Test_File","a\nb","` + strings.Repeat("x", 300) + `","4"],"sha256":"275A021BBFB6489E54D471899F7DB9D1663FC695EC2FE2A2C4538AABF651FD0F"}`)
	w := scanned(t, e)
	assert.Equal(t, []string{"DOS/EICAR_Test_File", "ab", strings.Repeat("x", airlock.MaxMalwareName)}, w.scans[0].Malware)
	assert.Equal(t, "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f", w.scans[0].SHA256)
	w = scanned(t, strings.Replace(e, "275A", "=cmd", 1))
	assert.Empty(t, w.scans[0].SHA256, "what is no digest gets into no record")

	w = scanned(t, scanEvent(scanURI+`,"eTag":"0x1","scanResultType":"Not scanned","scanResultDetails":{"notScannedReason":"SAM259210:\n\u202Eprotected`+strings.Repeat("x", 300)+`"}`))
	assert.Len(t, w.scans[0].Reason, airlock.MaxScanReason)
	assert.True(t, strings.HasPrefix(w.scans[0].Reason, "SAM259210:protectedx"), w.scans[0].Reason)
}

// The reason may stand in a member of either name, in the details or in the result.
func TestWhereTheReasonStands(t *testing.T) {
	for _, members := range []string{
		`"scanResultType":"Not scanned","scanResultDetails":{"notScannedReason":"SAM259215: delayed"}`,
		`"scanResultType":"Error","scanResultDetails":{"errorReason":"SAM259215: delayed"}`,
		`"scanResultType":"Error","scanResultDetails":"SAM259215: delayed"`,
		`"scanResultType":"SAM259215: delayed","scanResultDetails":null`,
	} {
		w := scanned(t, scanEvent(scanURI+`,"eTag":"0x1",`+members))
		assert.Equal(t, "SAM259215: delayed", w.scans[0].Reason, members)
		assert.False(t, w.scans[0].Outcome.Conclusive(), members)
	}
}

// A verdict's address is encoded or not; among the readings is the file's name.
func TestEveryReadingOfAName(t *testing.T) {
	const base = "https://acct.blob.core.windows.net/" + string(req1) + "/"
	for name, tt := range map[string]struct{ written, subject string }{
		"set #1.csv":         {"set #1.csv", "set #1.csv"},
		"what?.csv":          {"what?.csv", "what?.csv"},
		"literal%20name.csv": {"literal%20name.csv", "literal%20name.csv"},
		"a b.csv":            {"a%20b.csv", "a b.csv"},
		"🙂.csv":              {"\ufffd\ufffd.csv", "🙂.csv"},
		"dir/50% off.csv":    {"dir/50% off.csv", "dir/50% off.csv"},
	} {
		uri, err := json.Marshal(base + tt.written)
		require.NoError(t, err)
		subject, err := json.Marshal("storageAccounts/acct/containers/" + string(req1) + "/blobs/" + tt.subject)
		require.NoError(t, err)
		w := scanned(t, `{"subject":`+string(subject)+`,"eventType":"Microsoft.Security.MalwareScanningResult","data":{"blobUri":`+string(uri)+`,"eTag":"0x1","scanResultType":"No threats found"}}`)
		require.Len(t, w.scans, 1, name)
		assert.Contains(t, w.scans[0].Names, name)
	}
}

func FuzzScanResult(f *testing.F) {
	for _, seed := range []string{
		scanEvent(scanURI + `,"eTag":"0x1","scanResultType":"Malicious","scanResultDetails":{"malwareNamesFound":["x"],"sha256":"y"}`),
		scanEvent(scanURI + `,"eTag":"0x1","scanResultType":"Malicious","scanResultDetails":"text"`),
		scanEvent(scanURI + `,"eTag":{"a":[1,{"b":"c"}]},"scanResultType":["Malicious"]`),
		`{"eventType":"Microsoft.Security.MalwareScanningResult","data":[]}`,
		`{"eventType":"Microsoft.Security.MalwareScanningResult","subject":"storageAccounts/acct/containers/c/blobs/"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := parseEvent(raw)
		if err != nil {
			return
		}
		h, err := scanHintOf(e)
		if err != nil {
			return
		}
		if h.Outcome == airlock.Unclear || h.ETag == "" && h.Outcome != airlock.Malicious || h.Account == "" || h.Container == "" {
			t.Errorf("an unclear hint: %+v", h)
		}
		if len(h.Reason) > airlock.MaxScanReason || len(h.Malware) > airlock.MaxMalwareNames || len(h.ETag) > maxID || len(h.ID) > maxID {
			t.Errorf("an unbounded hint: %+v", h)
		}
	})
}
