package events

import (
	"context"

	"example.org/airlock/handler/airlock"
)

// onDataDeletion takes a wish to delete as a reason to look whether the request
// has that account on its list of data to delete. Nothing is deleted because an
// event says so.
func onDataDeletion(ctx context.Context, s Service, e event) error {
	var data struct {
		Blob string `json:"blob_to_delete"`
	}
	if err := e.decodeData(&data); err != nil {
		return err
	}
	l, err := parseBlobURL(data.Blob)
	if err != nil {
		return err
	}
	id, err := l.requestOf()
	if err != nil {
		return err
	}
	return s.Heed(ctx, airlock.Hint{Request: id, Event: e.ID, Because: "deletion asked for " + l.Account})
}
