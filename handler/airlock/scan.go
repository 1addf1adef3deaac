package airlock

import "time"

// ScanHint is the claim of a scan result about one blob. It is a hint: the
// workflow binds it to a request by account, container and ETag. Names only break
// ties, for scanners write them in more than one way.
type ScanHint struct {
	Account   string
	Container ContainerName
	Names     []string // the blob's name in every reading, the likeliest first
	ETag      string   // without quotes; "" in a malicious verdict that names none
	Outcome   Outcome  // never Unclear
	ID        string   // the scanner's correlation id, else EventID
	EventID   string
	Malware   []string // names the scanner gave, at most a handful
	Reason    string   // why the outcome is inconclusive, as the scanner says
	// SHA256 is the digest of the bytes that the scanner says it read, lower-case hex, "" if it says nothing.
	SHA256 string
	At     time.Time // when the scan ended; zero if not said
}

// Name is the likeliest reading of the blob's name, "" for none.
func (h ScanHint) Name() string {
	if len(h.Names) == 0 {
		return ""
	}
	return h.Names[0]
}
