package blobstore

// SetBlockSize makes blocks of n bytes, so that tests of many need no gigabytes.
func SetBlockSize(s *Store, n int64) { s.blockSize = n }

// FaultOf shows how an error of the SDK is taken.
func FaultOf(operation, account string, err error) error { return faultOf(operation, account, err) }

// SetPageSize makes lists come in pages of n.
func SetPageSize(s *Store, n int32) { s.pageSize = n }
