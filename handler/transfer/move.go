package transfer

import (
	"context"
	"errors"
	"slices"
	"sync"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/parallel"
)

// Leg is one stretch of the way of a request's files.
type Leg struct {
	From, To airlock.Container
	// Source is the ETag a file's bytes have at From.
	Source func(airlock.File) string
	// Recorded is the ETag on record for the file at To, "" if none.
	Recorded func(airlock.File) string
	// Unread reports whether the file has to be read at To. made is the copy that
	// this call made, with the checksum that storage told; else its ETag is "".
	Unread func(f airlock.File, made airlock.Copied) bool
	// Stays reports which of the files at From do not move; nil for none.
	Stays func(airlock.File) bool
	// Shown is set when people have seen the files at From.
	Shown bool
}

// Progress is how far one file has come at the end of a leg.
type Progress struct {
	airlock.Copied
	Copy *airlock.CopyProgress // where a copy that is not done goes on
	Hash *airlock.HashProgress // its hash so far at To, if it was to be read
	Sum  string                // SHA-256 of all of it, once its end was reached
	// Short is true when only the time was short.
	Short bool
}

// filesAtOnce bounds the storage calls of one request under way.
const filesAtOnce = 8

// Move copies the files of a leg and reads those that have to be read, as far as
// the time given by ctx allows. Files that came through are in the result even
// when others met an error. Without an error it has looked at both ends as a
// whole: nothing lies there but the files.
func Move(ctx context.Context, blobs Blobs, l Leg, files []airlock.File) (map[string]Progress, error) {
	if l.Shown {
		if _, err := onlyFiles(ctx, blobs, l.From, files); err != nil {
			return nil, err
		}
	}
	if err := blobs.CreateContainer(ctx, l.To); err != nil {
		return nil, err
	}
	if l.Stays != nil {
		files = slices.DeleteFunc(slices.Clone(files), l.Stays)
	}
	var (
		mu    sync.Mutex
		out   = map[string]Progress{}
		fault error
	)
	parallel.Each(files, filesAtOnce, func(f airlock.File) {
		p, err := moveFile(ctx, blobs, l, f)
		mu.Lock()
		defer mu.Unlock()
		out[f.Name] = p
		if err != nil && fault == nil {
			fault = err
		}
	})
	if fault != nil {
		return out, fault
	}
	// If a foreign file lies in the container, or a copy has vanished, no file
	// counts as copied.
	if err := arrived(ctx, blobs, l.To, files, out); err != nil {
		return nil, err
	}
	return out, nil
}

// arrived compares the destination with the manifest.
func arrived(ctx context.Context, blobs Blobs, to airlock.Container, files []airlock.File, moved map[string]Progress) error {
	there, err := onlyFiles(ctx, blobs, to, files)
	if err != nil {
		return err
	}
	for _, f := range files {
		etag := moved[f.Name].ETag
		if etag == "" {
			continue
		}
		if !slices.ContainsFunc(there, func(b airlock.Blob) bool { return b.Name == f.Name && b.ETag == etag && b.Size == f.Size }) {
			return &airlock.IntegrityError{Where: to.Account, What: "a copy is gone, was replaced or has another size than its source"}
		}
	}
	return nil
}

// onlyFiles looks for blobs beside the request's own. Nobody but this service
// writes to these accounts, so a foreign blob was planted, and would be reviewed
// or released along with the others. It returns the files it found.
func onlyFiles(ctx context.Context, blobs Blobs, c airlock.Container, files []airlock.File) ([]airlock.Blob, error) {
	there, err := blobs.List(ctx, c, len(files)+1) // one more is foreign already
	if errors.Is(err, airlock.ErrUnlistable) {     // planted, or storage has trouble: somebody has to look
		return nil, &airlock.Fault{Kind: airlock.Operator, Code: "UnlistableName", Operation: "list blobs", Account: c.Account, Err: err}
	}
	if err != nil {
		return nil, err
	}
	for _, b := range there {
		if !slices.ContainsFunc(files, func(f airlock.File) bool { return f.Name == b.Name }) {
			return nil, &airlock.IntegrityError{Where: c.Account, What: "a file that is not in the manifest lies in the container"}
		}
	}
	return there, nil
}

// moveFile brings one file to its destination and reads it there if it has to be
// read, both in slices if need be.
func moveFile(ctx context.Context, blobs Blobs, l Leg, f airlock.File) (Progress, error) {
	p := Progress{Copied: airlock.Copied{ETag: l.Recorded(f)}}
	var made airlock.Copied
	if p.ETag == "" {
		from := airlock.NewCopyProgress(l.Source(f))
		if f.Copy != nil {
			from = *f.Copy
		}
		next, copied, err := blobs.Copy(ctx, airlock.CopyOrder{From: l.From, To: l.To, Name: f.Name, SourceETag: l.Source(f), Size: f.Size}, from)
		p.Copied, p.Copy, p.Short = copied, &next, copied.ETag == ""
		if err != nil || p.Short {
			return p, err
		}
		p.Copy = nil
		if copied.Made {
			made = copied
		}
	}
	if !l.Unread(f, made) {
		return p, nil
	}
	from := airlock.HashProgress{ETag: p.ETag}
	if f.Hash != nil && f.Hash.ETag == p.ETag {
		from = *f.Hash
	}
	next, sum, err := blobs.Hash(ctx, l.To, f.Name, f.Size, from)
	p.Hash, p.Sum, p.Short = &next, sum, sum == ""
	return p, err
}
