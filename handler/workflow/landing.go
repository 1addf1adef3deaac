package workflow

import (
	"context"
	"slices"
	"sync"

	"example.org/airlock/handler/airlock"
)

// landing is how far one file has come at its destination.
type landing struct {
	etag    string // of the verified copy, "" while it is not there
	copyID  string // of a copy under way
	hash    *airlock.HashProgress
	sum     string // SHA-256 once the end was reached
	hashing bool   // a hash is wanted and not finished
}

// flight is the move of one request's files between two containers.
type flight struct {
	from, to airlock.Container
	// source is the ETag a file's bytes have at from.
	source func(airlock.File) string
	// landed is the ETag recorded for the file at to, "" if none.
	landed func(airlock.File) string
	// reviewed is set when from holds what people have seen.
	reviewed bool
	// unhashed reports whether the file still has to be read at to.
	unhashed func(airlock.File) bool
}

// parallelCopies bounds the storage calls of one request under way.
const parallelCopies = 8

// fly copies and verifies the files of a request, as far as the time given by
// ctx allows. Files that came through are in the result even when others met an
// error.
func (s *Service) fly(ctx context.Context, fl flight, files []airlock.File) (map[string]landing, error) {
	if fl.reviewed {
		if _, err := s.onlyManifest(ctx, fl.from, files); err != nil {
			return nil, err
		}
	}
	if err := s.Blobs.CreateContainer(ctx, fl.to); err != nil {
		return nil, err
	}
	var (
		mu    sync.Mutex
		out   = map[string]landing{}
		fault error
	)
	each(files, parallelCopies, func(f airlock.File) {
		l, err := s.land(ctx, fl, f)
		mu.Lock()
		defer mu.Unlock()
		out[f.Name] = l
		if err != nil && fault == nil {
			fault = err
		}
	})
	if fault != nil {
		return out, fault
	}
	// Nothing counts as landed beside a foreign file, or when it is not there.
	blobs, err := s.onlyManifest(ctx, fl.to, files)
	if err != nil {
		return nil, err
	}
	for name, l := range out {
		if l.etag != "" && !slices.ContainsFunc(blobs, func(b airlock.Blob) bool { return b.Name == name && b.ETag == l.etag }) {
			return nil, &airlock.IntegrityError{Where: fl.to.Account, What: "a verified copy is gone or was replaced"}
		}
	}
	return out, nil
}

// onlyManifest looks for blobs beside the request's own. Nobody but this service
// writes to these accounts, so a foreign blob was planted, and would be reviewed
// or released along with the others. It returns what it found.
func (s *Service) onlyManifest(ctx context.Context, con airlock.Container, files []airlock.File) ([]airlock.Blob, error) {
	blobs, err := s.Blobs.List(ctx, con)
	if err != nil {
		return nil, err
	}
	for _, b := range blobs {
		if !slices.ContainsFunc(files, func(f airlock.File) bool { return f.Name == b.Name }) {
			return nil, &airlock.IntegrityError{Where: con.Account, What: "a file that is not in the manifest lies in the container"}
		}
	}
	return blobs, nil
}

// land brings one file to its destination. The copy is pinned to the source's
// ETag and create-only; size and MD5 are compared; then the bytes at the
// destination are hashed, in slices if need be.
func (s *Service) land(ctx context.Context, fl flight, f airlock.File) (landing, error) {
	l := landing{etag: fl.landed(f)}
	if l.etag == "" {
		b, err := s.copied(ctx, fl, f)
		if err != nil {
			return landing{}, err
		}
		if b.Copy == airlock.CopyPending {
			return landing{copyID: b.CopyID}, nil
		}
		if b.Size != f.Size || f.MD5 != "" && b.MD5 != "" && b.MD5 != f.MD5 {
			return landing{}, &airlock.IntegrityError{Where: fl.to.Account, What: "copy differs from the manifest in size or MD5"}
		}
		l.etag = b.ETag
	}
	if !fl.unhashed(f) {
		return l, nil
	}
	l.hashing = true
	progress := airlock.HashProgress{ETag: l.etag}
	if f.Hash != nil && f.Hash.ETag == l.etag {
		progress = *f.Hash
	}
	next, sum, err := s.Blobs.Hash(ctx, fl.to, f.Name, progress)
	if err != nil {
		return l, err
	}
	l.hash, l.sum, l.hashing = &next, sum, sum == ""
	return l, nil
}

// copied starts the copy, or looks after the one under way.
func (s *Service) copied(ctx context.Context, fl flight, f airlock.File) (airlock.Blob, error) {
	if f.CopyID != "" {
		b, err := s.Blobs.Stat(ctx, fl.to, f.Name)
		if err == nil && (b.Copy == airlock.CopyPending || b.Copy == airlock.CopySuccess) && b.Source == fl.source(f) {
			return b, nil
		}
	}
	// Create-only and the same bytes count as done, so a copy that was made,
	// failed or got lost is found out here.
	return s.Blobs.Copy(ctx, airlock.CopyOrder{From: fl.from, To: fl.to, Name: f.Name, SourceETag: fl.source(f), Size: f.Size})
}

// note takes a landing into the record of a file and reports whether it is news.
func (l landing) note(f *airlock.File, etag *string) (news bool) {
	if l.copyID != "" && *etag == "" && f.CopyID != l.copyID {
		f.CopyID, news = l.copyID, true
	}
	if l.etag != "" && *etag == "" {
		*etag, f.CopyID, news = l.etag, "", true
	}
	if l.hash != nil && l.etag == *etag && (f.Hash == nil || f.Hash.ETag != l.etag || f.Hash.Offset < l.hash.Offset) {
		f.Hash, news = l.hash, true
	}
	return news
}
