package airlock

// Query asks for a page of requests, newest first. Empty members do not filter.
type Query struct {
	Workspace WorkspaceID
	CreatedBy UserID
	Statuses  []Status // one of these
	Type      RequestType
	Limit     int    // 1..1000
	Token     string // where the page before ended, "" for the first
}

// Page is a part of a listing. Next is "" at the end.
type Page struct {
	Requests []Request
	Next     string
	// Damaged counts rows of the page that are left out: nobody is to believe them.
	Damaged int
}
