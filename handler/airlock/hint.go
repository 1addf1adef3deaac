package airlock

// Hint is an event as a reason to look at a request. Nothing in it is believed: the
// request's row says what there is to do.
type Hint struct {
	// Workspace is "" where the event does not say it, and may be wrong.
	Workspace WorkspaceID
	Request   RequestID
	// Event is the event's id, and BlobETag the ETag of the blob that it tells of; either
	// may be "".
	Event, BlobETag string
	// Because names the event in logs.
	Because string
}
