package events

import (
	"context"
	"regexp"
	"strings"

	"example.org/airlock/handler/airlock"
)

// scanData is the data of Microsoft.Security.MalwareScanningResult
// (learn.microsoft.com/azure/defender-for-cloud/defender-for-storage-configure-malware-scan).
type scanData struct {
	CorrelationID string `json:"correlationId"`
	BlobURI       string `json:"blobUri"`
	ETag          string `json:"eTag"`
	Finished      string `json:"scanFinishedTimeUtc"`
	Result        string `json:"scanResultType"`
	Details       *struct {
		Malware []string `json:"malwareNamesFound"`
		SHA256  string   `json:"sha256"`
	} `json:"scanResultDetails"`
}

// Bounds of what a verdict may put into a record.
const (
	maxMalwareNames = 8
	maxMalwareName  = 200
)

var hexSHA256 = regexp.MustCompile(`^[0-9a-f]{64}$`)

// onScanResult hands a verdict to the workflow. A verdict that does not say
// which bytes it is about is malformed and parked: it opens no gate.
func onScanResult(ctx context.Context, s Service, e event) error {
	h, err := scanHintOf(e)
	if err != nil {
		return err
	}
	return s.ScanResult(ctx, h)
}

func scanHintOf(e event) (airlock.ScanHint, error) {
	var d scanData
	if err := e.decodeData(&d); err != nil {
		return airlock.ScanHint{}, err
	}
	l, err := parseBlobURL(d.BlobURI)
	if err != nil {
		return airlock.ScanHint{}, err
	}
	id, err := l.requestOf()
	if err != nil {
		return airlock.ScanHint{}, err
	}
	etag := unquote(d.ETag)
	if l.Blob == "" || etag == "" || len(etag) > maxID {
		return airlock.ScanHint{}, malformed("a verdict that names no bytes")
	}
	h := airlock.ScanHint{
		Account: l.Account, Container: id, Blob: l.Blob, ETag: etag, Outcome: outcomeOf(d.Result),
		ID: clip(d.CorrelationID, maxID), EventID: e.ID, At: parseTime(d.Finished),
	}
	if h.ID == "" {
		h.ID = e.ID
	}
	if d.Details != nil {
		for _, name := range d.Details.Malware[:min(len(d.Details.Malware), maxMalwareNames)] {
			h.Malware = append(h.Malware, clip(name, maxMalwareName))
		}
		if sum := strings.ToLower(d.Details.SHA256); hexSHA256.MatchString(sum) {
			h.SHA256 = sum
		}
	}
	return h, nil
}

// outcomeOf reads the scanner's word. Only the exact word for clean is clean, so
// a new or misspelt word can never open the gate.
func outcomeOf(result string) airlock.Outcome {
	switch {
	case result == "No threats found":
		return airlock.Clean
	case result == "Malicious":
		return airlock.Malicious
	case strings.EqualFold(result, "Not scanned"):
		return airlock.NotScanned
	}
	return airlock.ScanError
}

// unquote takes an ETag out of its HTTP quotes.
func unquote(etag string) string {
	etag = strings.TrimPrefix(strings.TrimSpace(etag), "W/")
	return strings.Trim(etag, `"`)
}
