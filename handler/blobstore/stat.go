package blobstore

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"example.org/airlock/handler/airlock"
)

// mark is the name of the metadata that Copy leaves: the ETag of the bytes it
// copied. Storage may change its letter case.
const mark = "airlocksource"

// Stat returns airlock.ErrGone when there is no such blob. A copy under way shows
// as CopyPending; its ETag and size are not those of the finished blob.
func (s *Store) Stat(ctx context.Context, c airlock.Container, name string) (airlock.Blob, error) {
	client, err := s.blob(c, name)
	if err != nil {
		return airlock.Blob{}, err
	}
	p, err := client.GetProperties(ctx, nil)
	if err != nil {
		return airlock.Blob{}, goneOr("read properties", c.Account, err)
	}
	return airlock.Blob{Name: name, Size: deref(p.ContentLength), ETag: plain(p.ETag), MD5: base64.StdEncoding.EncodeToString(p.ContentMD5),
		Source: marked(p.Metadata), Copy: airlock.CopyStatus(deref(p.CopyStatus)), CopyID: deref(p.CopyID)}, nil
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

// Delete removes one blob, with its snapshots, if its ETag is still etag ("" =
// whatever it is). A blob that is not there is no error; other bytes than etag
// are an *airlock.IntegrityError and stay.
func (s *Store) Delete(ctx context.Context, c airlock.Container, name, etag string) error {
	changed, err := s.remove(ctx, c, name, etag)
	switch {
	case err != nil:
		return faultOf("delete blob", c.Account, err)
	case changed:
		return &airlock.IntegrityError{Where: c.String(), What: "a blob to be deleted changed"}
	}
	return nil
}

// remove is Delete with storage's own errors: changed reports that the blob is
// there with another ETag, and stays.
func (s *Store) remove(ctx context.Context, c airlock.Container, name, etag string) (changed bool, err error) {
	client, err := s.blob(c, name)
	if err != nil {
		return false, err
	}
	o := &blob.DeleteOptions{DeleteSnapshots: to.Ptr(blob.DeleteSnapshotsOptionTypeInclude)}
	if etag != "" {
		o.AccessConditions = &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: quoted(etag)}}
	}
	_, err = client.Delete(ctx, o)
	switch {
	case err == nil || isGone(err):
		return false, nil
	case !bloberror.HasCode(err, bloberror.ConditionNotMet):
		return false, err
	}
	// A condition on a blob that our own first try deleted is not met either.
	_, err = client.GetProperties(ctx, nil)
	if err != nil && isGone(err) {
		return false, nil
	}
	return err == nil, err
}
