package blobstore

import (
	"context"
	"strings"

	"example.org/airlock/handler/airlock"
)

// mark is the name of the metadata that Copy leaves: the ETag of the bytes it
// copied. Storage may change its letter case.
const mark = "airlocksource"

// Stat returns airlock.ErrGone when there is no such blob.
func (s *Store) Stat(ctx context.Context, c airlock.Container, name string) (airlock.Blob, error) {
	client, err := s.blob(c, name)
	if err != nil {
		return airlock.Blob{}, err
	}
	p, err := client.GetProperties(ctx, nil)
	if err != nil {
		return airlock.Blob{}, goneOr("read properties", c.Account, err)
	}
	return airlock.Blob{Name: name, Size: deref(p.ContentLength), ETag: unquoted(p.ETag), Source: marked(p.Metadata)}, nil
}

// marked finds the mark; storage hands the names of metadata back in the letter
// case of its choice.
func marked(metadata map[string]*string) string {
	for name, value := range metadata {
		if strings.EqualFold(name, mark) {
			return deref(value)
		}
	}
	return ""
}
