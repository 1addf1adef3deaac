package events

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"example.org/airlock/handler/airlock"
)

// scanData is the data of Microsoft.Security.MalwareScanningResult
// (learn.microsoft.com/azure/defender-for-cloud/defender-for-storage-configure-malware-scan).
// Every member may be missing or of another kind than documented: a verdict about
// malware counts however odd the rest is.
type scanData struct {
	CorrelationID loose `json:"correlationId"`
	BlobURI       loose `json:"blobUri"`
	ETag          loose `json:"eTag"`
	Finished      loose `json:"scanFinishedTimeUtc"`
	Result        loose `json:"scanResultType"`
	Details       loose `json:"scanResultDetails"`
}

// scanDetails are the members of scanResultDetails.
type scanDetails struct {
	Malware    loose `json:"malwareNamesFound"`
	SHA256     loose `json:"sha256"`
	NotScanned loose `json:"notScannedReason"`
	Error      loose `json:"errorReason"`
}

var hexSHA256 = regexp.MustCompile(`^[0-9a-f]{64}$`)

// onScanResult hands a verdict to the workflow. A verdict that names a request of
// ours and is not clear is an *airlock.UnclearVerdictError: it opens no gate.
func onScanResult(ctx context.Context, s Service, e event) error {
	h, err := scanHintOf(e)
	if err != nil {
		return err
	}
	return s.ScanResult(ctx, h)
}

func scanHintOf(e event) (airlock.ScanHint, error) {
	d := scanDataOf(e)
	places := placesOf(e, d)
	if len(places) == 0 {
		return airlock.ScanHint{}, malformed("a scan result that names no blob")
	}
	if _, err := places[0].requestOf(); err != nil {
		return airlock.ScanHint{}, err
	}
	var details scanDetails
	_ = json.Unmarshal(d.Details.object(), &details)
	h := airlock.ScanHint{
		Account: places[0].Account, Container: airlock.ContainerName(places[0].Container), ETag: unquote(d.ETag.only()), Outcome: airlock.OutcomeOf(d.Result.text()),
		ID: clip(d.CorrelationID.text(), maxID), EventID: e.ID, At: parseTime(d.Finished.text()), Malware: malwareNames(details.Malware),
		Reason: clip(firstText(details.NotScanned, details.Error), airlock.MaxScanReason),
	}
	for _, l := range places {
		if l.Blob != "" {
			h.Names = append(h.Names, l.Blob)
		}
	}
	if h.ID == "" {
		h.ID = e.ID
	}
	if h.Reason == "" && !h.Outcome.Conclusive() { // the code may stand in either
		h.Reason = clip(strings.Trim(d.Details.text()+" "+codeOnly(d.Result.text()), " "), airlock.MaxScanReason)
	}
	if sum := strings.ToLower(details.SHA256.text()); hexSHA256.MatchString(sum) {
		h.SHA256 = sum
	}
	return checked(h)
}

// checked returns the hint if it is clear. A hint with names of malware is malware with
// any outcome. Malware needs no ETag: the container holds sealed bytes only.
func checked(h airlock.ScanHint) (airlock.ScanHint, error) {
	if len(h.Malware) > 0 {
		h.Outcome = airlock.Malicious
	}
	if len(h.ETag) > maxID {
		h.ETag = ""
	}
	what := ""
	switch {
	case h.Outcome == airlock.Unclear:
		what = "a scan result in words that are not known"
	case h.ETag == "" && h.Outcome != airlock.Malicious:
		what = "a scan result that names no ETag"
	default:
		return h, nil
	}
	return h, &airlock.UnclearVerdictError{Where: airlock.Container{Account: h.Account, Name: h.Container}, What: what}
}

// scanDataOf reads the event's data as far as it can be read.
func scanDataOf(e event) scanData {
	var d scanData
	_ = json.Unmarshal(loose(structured(e.Data)).object(), &d)
	return d
}

// placesOf lists where the event says the blob lies: by its address with the name
// decoded, with the name as it stands, and by its subject. Defender's own sample has
// an address that is not encoded, so that neither reading is right for all names.
// Only readings with the container of the first count.
func placesOf(e event, d scanData) []location {
	var all []location
	if l, err := parseBlobURL(d.BlobURI.text()); err == nil {
		all = append(all, l)
		if raw, ok := rawBlob(d.BlobURI.text()); ok && raw != l.Blob {
			l.Blob = raw
			all = append(all, l)
		}
	}
	if l, ok := parseBlobSubject(e.Subject); ok && l.Account != "" && (len(all) == 0 || l.Account == all[0].Account && l.Container == all[0].Container) {
		all = append(all, l)
	}
	return all
}

// malwareNames lists the names of malware: one text, a list of texts, or a list of
// objects that hold them.
func malwareNames(names loose) []string {
	var out []string
	for _, text := range names.texts() {
		if len(out) == airlock.MaxMalwareNames {
			break
		}
		if name := clip(text, airlock.MaxMalwareName); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// codeOnly returns a result that tells its code, "" for any other.
func codeOnly(result string) string {
	if airlock.ReasonCode(result) == "" {
		return ""
	}
	return result
}

func firstText(values ...loose) string {
	for _, v := range values {
		if text := v.text(); text != "" {
			return text
		}
	}
	return ""
}

// unquote takes an ETag out of its HTTP quotes.
func unquote(etag string) string {
	etag = strings.TrimPrefix(strings.TrimSpace(etag), "W/")
	return strings.Trim(etag, `"`)
}
