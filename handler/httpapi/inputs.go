package httpapi

// Members of inputs that several routes share. The limits in the tags validate
// and document alike; those of texts are airlock's (MaxTitle …), compared in a
// test.

// WorkspacePath names a workspace.
type WorkspacePath struct {
	WorkspaceID string `path:"workspace_id" format:"uuid" doc:"Workspace."`
}

// RequestPath names a request of a workspace.
type RequestPath struct {
	WorkspacePath
	RequestID string `path:"airlock_request_id" format:"uuid" doc:"Airlock request."`
}

// EmptyBody is the body of routes that need none: none at all, or any object.
type EmptyBody struct{}

// Change is the input of the routes that change a request and need nothing else.
type Change struct {
	RequestPath
	IfMatch string `header:"If-Match" doc:"The _etag of the request as the caller knows it, quoted or not; the change is refused if it is at another version. * or nothing: whatever the version."`
	Body    *EmptyBody
}

// Patterns of free texts. Control characters have no place in them, line breaks
// only where people write paragraphs; a text of blanks says nothing. In struct
// tags they stand written out.
const (
	patternLine = `^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$`
	patternText = `^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$`
)
