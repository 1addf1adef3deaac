package events

import (
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
)

// onBlobCreated takes a finished copy as a reason to look at the request whose
// container it is in. Containers that are no request's are not ours.
func onBlobCreated(ctx context.Context, s Service, e event) error {
	l, err := createdAt(e)
	if err != nil {
		return err
	}
	id, err := l.requestOf()
	if err != nil {
		return err
	}
	err = s.Advance(ctx, "", id, e.because())
	if errors.Is(err, airlock.ErrNotFound) {
		// A container may bear any UUID: without a request it is not ours.
		return errForeign
	}
	return err
}

// createdAt finds the blob of a storage event in its URL, else in its subject.
func createdAt(e event) (location, error) {
	var data struct {
		URL string `json:"url"`
	}
	err := e.decodeData(&data)
	if err == nil {
		var l location
		if l, err = parseBlobURL(data.URL); err == nil {
			return l, nil
		}
	}
	if l, ok := parseBlobSubject(e.Subject); ok {
		return l, nil
	}
	return location{}, err
}
