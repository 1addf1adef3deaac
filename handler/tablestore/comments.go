package tablestore

import (
	"context"
	"fmt"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// commentKey is the row key of a comment.
func commentKey(id airlock.RequestID, number int) string {
	return key(kindComment, string(id), fmt.Sprintf("%04d", number))
}

// planComment writes a comment, or a retracted one over itself.
func planComment(c audit.Commit) []operation {
	if c.Comment == nil {
		return nil
	}
	r := newRow(string(c.Request.Workspace), commentKey(c.Request.ID, c.Comment.Number))
	r.text("Comment", string(c.Comment.RowText()))
	return []operation{put(r)}
}

// Comments returns the comments on a request, the first one first.
//
// Errors: *airlock.Fault.
func (s *Store) Comments(ctx context.Context, ws airlock.WorkspaceID, id airlock.RequestID) ([]airlock.Comment, error) {
	const operation = "read comments"
	from, to := between(kindComment, string(id))
	all := []airlock.Comment{}
	for r, err := range s.rows(ctx, operation, s.requests, query{filter: rangeFilter(string(ws), from, to)}) {
		if err != nil {
			return nil, err
		}
		c, err := readComment(r)
		if err != nil {
			return nil, s.unreadable(operation, err)
		}
		all = append(all, c)
	}
	return all, nil
}

func readComment(r *stored) (airlock.Comment, error) {
	var c airlock.Comment
	r.known()
	r.document("Comment", &c)
	return c, r.done()
}
