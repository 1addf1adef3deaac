package airlock

import "time"

// ScanHint is what a scan result claims about one blob. It is a hint: the
// workflow binds it to a request only where account, container, name and ETag
// are those of a sealed file.
type ScanHint struct {
	Account   string
	Container RequestID
	Blob      string // decoded name
	ETag      string // without quotes, never ""
	Outcome   Outcome
	ID        string // the scanner's correlation id, else EventID
	EventID   string
	Malware   []string // names the scanner gave, at most a handful
	// SHA256 is what the scanner says it read, lower-case hex, "" if it says nothing.
	SHA256 string
	At     time.Time // when the scan ended; zero if not said
}
