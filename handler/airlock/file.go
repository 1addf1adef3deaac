package airlock

import (
	"time"
)

// File is one entry of a request's manifest. Its ETags chain the submitted bytes
// to the scanned, reviewed and released ones (docs/ARCHITECTURE.md, the chain that proves release).
type File struct {
	Name string `json:"name"` // blob name: may hold slashes, blanks and any script
	Size int64  `json:"size"` // bytes
	// SHA256 is lower-case hex of the bytes in the in-progress account, "" until
	// it is known or when the file is above the policy's hash limit.
	SHA256 string `json:"sha256,omitempty"`
	// CRC64 is of the same bytes: as storage told it while they were copied, and as
	// taken with the SHA-256. The released copy is compared with it. nil above the
	// hash limit where storage does not tell.
	CRC64 *CRC64 `json:"crc64,omitempty"`

	DraftETag      string `json:"draftEtag,omitempty"`      // frozen at submit
	InProgressETag string `json:"inProgressEtag,omitempty"` // after the verified copy
	FinalETag      string `json:"finalEtag,omitempty"`      // after the verified last copy
	// QuarantineETag is the ETag of the bytes in quarantine while they are on their way
	// back from there, else "".
	QuarantineETag string `json:"quarantineEtag,omitempty"`
	// FinalChecked is true once the bytes at the destination are known to be the
	// reviewed ones: by the CRC64 that storage computed of them, or read again.
	// Where there is no CRC64 to compare with, the ETag chain is the proof.
	FinalChecked bool `json:"finalChecked,omitempty"`

	// CopiedWhen is when the bytes with InProgressETag were recorded; the verdict
	// deadline counts from it.
	CopiedWhen time.Time `json:"copiedWhen,omitzero"`

	// Copy is where an interrupted copy of this file goes on.
	Copy *CopyProgress `json:"copy,omitempty"`
	// Hash is where an interrupted hashing goes on.
	Hash *HashProgress `json:"hash,omitempty"`
	// Reread is true when the bytes in the in-progress account took the place of
	// hashed ones and nobody can say who put them there: they are hashed again.
	Reread bool `json:"reread,omitempty"`
	// Verdict is the verdict in force about the sealed bytes, nil while there is none.
	// Others are rows of their own.
	Verdict *Verdict `json:"verdict,omitempty"`
	// Rescans counts the fresh copies made to get another verdict.
	Rescans int `json:"rescans,omitempty"`
	// Supporting is true for a file that helps reviewers and is never released.
	Supporting bool `json:"supporting,omitempty"`
	// Withheld is true when an approval that counted does not release the file.
	Withheld bool `json:"withheld,omitempty"`
	// Change is the file's change since the turn before, "" in the first turn. From
	// is the earlier name of a renamed one, as far as there is room.
	Change FileChange `json:"change,omitempty"`
	From   string     `json:"from,omitempty"`
	// EarlierETags are those that the same bytes had before the last fresh copies, and
	// before they came back from quarantine.
	EarlierETags []string `json:"earlierEtags,omitempty"`
}

// HashProgress is the state of the SHA-256 and CRC64 of a file, computed in
// slices as it is copied.
type HashProgress struct {
	ETag   string `json:"etag"`   // of the bytes being read
	Offset int64  `json:"offset"` // bytes done
	State  []byte `json:"state"`  // crypto/sha256's own binary form
	CRC64  CRC64  `json:"crc64"`  // of the bytes done
}
