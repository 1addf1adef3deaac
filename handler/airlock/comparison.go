package airlock

import "slices"

// FileChange is the change of a file between two turns. It is computed from the
// bytes, not claimed by anybody.
type FileChange string

// The changes.
const (
	FileNew       FileChange = "new"
	FileChanged   FileChange = "changed"   // same name, other bytes, or bytes without a hash
	FileUnchanged FileChange = "unchanged" // same name, same SHA-256
	FileRenamed   FileChange = "renamed"   // other name, same SHA-256; the old name is gone
)

// ComparedFile is a file of the present turn held against the turn before.
type ComparedFile struct {
	Name   string     `json:"name"`
	Change FileChange `json:"change"`
	From   string     `json:"from,omitempty"` // of a renamed file, its name before
}

// Comparison is a manifest held against that of an earlier turn.
type Comparison struct {
	Files   []ComparedFile `json:"files"`   // of the present turn, in manifest order
	Removed []string       `json:"removed"` // names that are gone, in the earlier order
}

// Compare holds a manifest against an earlier one. Files without a SHA-256 (above
// the hash limit) under the same name count as changed: nothing proves that they
// are not. Of several files with the same bytes each old name is used once.
func Compare(before, now []File) Comparison {
	c := Comparison{Files: make([]ComparedFile, len(now)), Removed: []string{}}
	gone := slices.DeleteFunc(slices.Clone(before), func(old File) bool { return named(now, old.Name) != nil })
	for i, f := range now {
		c.Files[i] = ComparedFile{Name: f.Name, Change: FileNew}
		if old := named(before, f.Name); old != nil {
			c.Files[i].Change = FileChanged
			if f.SHA256 != "" && f.SHA256 == old.SHA256 {
				c.Files[i].Change = FileUnchanged
			}
			continue
		}
		if k := slices.IndexFunc(gone, func(old File) bool { return f.SHA256 != "" && old.SHA256 == f.SHA256 }); k >= 0 {
			c.Files[i].Change, c.Files[i].From = FileRenamed, gone[k].Name
			gone = slices.Delete(gone, k, k+1)
		}
	}
	for _, old := range gone {
		c.Removed = append(c.Removed, old.Name)
	}
	return c
}

func named(files []File, name string) *File {
	for i := range files {
		if files[i].Name == name {
			return &files[i]
		}
	}
	return nil
}
