package tablestore

// Every row names the version of its format in its column Schema. A program that
// does not know a version must not touch the row: writing it back would lose what
// it does not understand.
//
//	1  rows without a seal. Read by Unsealed alone, which lists the rows to be sealed.
//	2  rows with a seal.
//
// A new format comes in two releases, so that instances of two versions can run side
// by side and a release can be rolled back (docs/decisions): the first release
// raises newest and goes on writing the old format, the second raises written, and
// oldest follows one release later.
type formats struct{ oldest, newest, written int }

var present = formats{oldest: 2, newest: 2, written: 2}

// unsealedFormat is the last format without a seal.
const unsealedFormat = 1

// knows reports whether rows of that version may be read.
func (f formats) knows(version int) bool { return f.oldest <= version && version <= f.newest }
