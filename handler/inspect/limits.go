package inspect

// Limits bound the work on one file. Members of archives share them with the
// file that holds them.
type Limits struct {
	Bytes    int64 `json:"bytes"`    // read of the file, and of each stream in it; what is beyond is a finding
	Inflated int64 `json:"inflated"` // bytes that compressed streams give in all
	Ratio    int64 `json:"ratio"`    // inflated bytes for one compressed, after the first MiB
	Entries  int   `json:"entries"`  // of archives, in all
	Depth    int   `json:"depth"`    // of archives in archives
	Nested   int64 `json:"nested"`   // bytes of members that need reading here and there, of all depths together
	Member   int64 `json:"member"`   // bytes of a stream that is read again in each step: xz and Zstandard
	Columns  int   `json:"columns"`  // of a table that are looked at
}

// DefaultLimits are the service's limits.
func DefaultLimits() Limits {
	const mib = 1 << 20
	return Limits{Bytes: 2048 * mib, Inflated: 4096 * mib, Ratio: 200, Entries: 10_000, Depth: 4, Nested: 24 * mib, Member: 512 * mib, Columns: 500}
}

// UpTo returns the limits with another number of bytes to look at, of the file and of each
// stream in it. What streams give in all may be twice that.
func (l Limits) UpTo(bytes int64) Limits {
	l.Bytes, l.Inflated = bytes, max(l.Inflated, 2*bytes)
	return l
}

// spent is how much of the limits is used up. It is part of the state.
type spent struct {
	Inflated int64 `json:"inflated,omitempty"`
	Entries  int   `json:"entries,omitempty"`
}
