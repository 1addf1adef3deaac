package httpapi

import (
	"example.org/airlock/handler/airlock"
)

// airlockVersion tells AzureTRE's clients how data is kept: 2 stands for drafts that are sealed at submit.
// A client's value of it is ignored.
const airlockVersion = 2

// ScanResult is the malware scan of all files in two words, as AzureTRE's clients read it. The files have the details.
type ScanResult struct {
	Clean   bool   `json:"clean" doc:"The scanner found nothing in any file."`
	Message string `json:"message"`
}

// scanResult is nil while the scan is not over, where none was needed, and in lists, which carry no verdicts, unless
// the request was blocked.
func scanResult(r airlock.Request) *ScanResult {
	if !r.ScanRequired {
		return nil
	}
	if r.Status == airlock.BlockedByScan || r.Status == airlock.BlockingInProgress {
		return &ScanResult{Message: r.StatusMessage}
	}
	result := &ScanResult{Clean: len(r.Files) > 0, Message: "No threats found"}
	for _, f := range r.Files {
		switch {
		case f.Malware() != nil:
			return &ScanResult{Message: "Malware was found"}
		case f.Verdict == nil:
			return nil
		case f.Verdict.Outcome != airlock.Clean:
			*result = ScanResult{Message: f.Verdict.Why()}
		}
	}
	if !result.Clean && r.Status == airlock.Submitted || len(r.Files) == 0 {
		return nil // it may yet be scanned
	}
	if r.Status == airlock.Submitted && !r.ScanUnconfirmed && !tagged(r.Files) {
		return nil
	}
	return result
}

// tagged reports whether the scanner's tags say of every file what its events say.
func tagged(files []airlock.File) bool {
	for _, f := range files {
		if f.Verdict == nil || !f.Verdict.Tagged {
			return false
		}
	}
	return true
}
