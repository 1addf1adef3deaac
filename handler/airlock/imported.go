package airlock

import "time"

// Imported says that a request was taken over from another airlock, and from what.
type Imported struct {
	From   string    `json:"from"`   // the other airlock: "azuretre"
	When   time.Time `json:"when"`   // of the import
	Status Status    `json:"status"` // the status it had there
	Digest string    `json:"digest"` // lower-case hex SHA-256 of the line of the export
}

// Archived reports whether the request ended in another airlock and is here to be read.
// Its files never were here, so nobody gets a link, nothing is decided about it, and the
// system owes it nothing. An imported draft is no such request: it begins its life here.
func (r Request) Archived() bool { return r.Imported != nil && r.Imported.Status.Final() }
