package audit

import "example.org/airlock/handler/airlock"

// Row is a record as it lies in the store, unjudged.
type Row struct {
	Seq  int    // from the row's key
	Body []byte // the stored bytes of the record
	Hash string // the stored hash
}

// HeadRow is a chain head that waits to be anchored.
type HeadRow struct {
	TrailID
	Head    airlock.ChainHead
	Version airlock.Version // of the row
}
