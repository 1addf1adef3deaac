package airlock

// Comparable reports whether anything is on record that bytes can be compared
// with. Nothing is for a file above the hash limit whose checksum storage did not
// tell: then the chain of ETags is the proof.
func (f File) Comparable() bool { return f.SHA256 != "" || f.CRC64 != nil }

// Same reports whether a copy of the reviewed bytes is the same as they are, and
// whether that is known: by the checksum that storage told of a copy made by us,
// or by what was read of the copy, once sum says that its end was reached.
func (f File) Same(copied Copied, read *HashProgress, sum string) (same, known bool) {
	switch {
	case !f.Comparable():
		return true, true
	case sum != "":
		return (f.SHA256 == "" || f.SHA256 == sum) && (f.CRC64 == nil || *f.CRC64 == read.CRC64), true
	case copied.Made && copied.CRC64 != nil && f.CRC64 != nil:
		return *copied.CRC64 == *f.CRC64, true
	}
	return false, false
}
