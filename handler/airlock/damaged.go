package airlock

// DamagedRow is a row of the state that is not to be believed: it is not as this
// service wrote it, or not where.
type DamagedRow struct{ Table, Partition, Key, What string }

// UnsealedRequest is a request as its row says that was written before rows were sealed,
// by the service or by anybody else.
type UnsealedRequest struct {
	Request
	Version Version
}
