package blobstore

// SetSyncLimit makes copies above n bytes asynchronous, so that tests of those
// need no 256 MiB.
func SetSyncLimit(s *Store, n int64) { s.syncLimit = n }

// FaultOf shows how an error of the SDK is taken.
func FaultOf(operation, account string, err error) error { return faultOf(operation, account, err) }

// SetPageSize makes lists come in pages of n.
func SetPageSize(s *Store, n int32) { s.pageSize = n }
