package events

import (
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
)

// onBlobCreated takes a finished copy as a reason to look at the request whose
// container it is in. Containers that are no request's are not ours.
func onBlobCreated(ctx context.Context, s Service, e event) error {
	l, etag, err := createdAt(e)
	if err != nil {
		return err
	}
	id, err := l.requestOf()
	if err != nil {
		return err
	}
	err = s.Heed(ctx, airlock.Hint{Request: id, Event: e.ID, BlobETag: etag, Because: e.because()})
	if errors.Is(err, airlock.ErrNotFound) {
		// A container may bear any UUID: without a request it is not ours.
		return errForeign
	}
	return err
}

// createdAt finds the blob of a storage event in its URL, else in its subject, and its
// ETag, "" if the event does not say it.
func createdAt(e event) (l location, etag string, err error) {
	var data struct {
		URL  string `json:"url"`
		ETag loose  `json:"eTag"`
	}
	if err = e.decodeData(&data); err == nil {
		etag = unquote(data.ETag.only())
		if l, err = parseBlobURL(data.URL); err == nil {
			return l, etag, nil
		}
	}
	if l, ok := parseBlobSubject(e.Subject); ok {
		return l, etag, nil
	}
	return location{}, "", err
}
