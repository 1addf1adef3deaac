package audit

// Row is a record as it lies in the store: what a reader got, unjudged.
type Row struct {
	Seq  int    // from the row's key
	Body []byte // the stored bytes of the record
	Hash string // the stored hash
}
