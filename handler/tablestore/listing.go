package tablestore

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"example.org/airlock/handler/airlock"
)

// A page may come back empty with more to follow: the service looks at a
// limited stretch of rows per call when a filter is applied. followEmpty bounds
// how often List goes on by itself.
const (
	followEmpty = 4
	maxPage     = 1000 // the service's own limit
)

// List returns a page of a workspace's requests, newest first. It costs one
// call; only while a filter leaves a page empty and rows are left it goes on,
// at most three calls more. A page may be shorter than q.Limit, even empty, and
// have a Next. q.Limit is taken into 1..1000.
//
// Requests in a page are cut: at most 20 files, no verdicts, nothing of the
// system's own bookkeeping. Load has the whole. A row that is damaged is left out
// and counted.
//
// Errors: airlock.ErrBadToken, *airlock.Fault.
func (s *Store) List(ctx context.Context, q airlock.Query) (airlock.Page, error) {
	const operation = "list requests"
	at, err := readToken(q)
	if err != nil {
		return airlock.Page{}, err
	}
	asked := stretchOf(q)
	wanted := query{filter: asked.filter(q), top: int32(min(max(q.Limit, 1), maxPage))}
	page := airlock.Page{Requests: []airlock.Request{}}
	for range followEmpty {
		var found *answer
		found, at, err = s.ask(ctx, s.requests, wanted, at)
		if err != nil {
			// The checksum held, so somebody made the token by hand.
			if said, ok := refusalOf(err); ok && said.Status == http.StatusBadRequest && q.Token != "" {
				return airlock.Page{}, airlock.ErrBadToken
			}
			return airlock.Page{}, s.faultOf(operation, err)
		}
		if err := s.readPage(ctx, operation, asked, found, &page); err != nil {
			return airlock.Page{}, err
		}
		if len(page.Requests) > 0 || at.end() {
			break
		}
	}
	page.Next = writeToken(q, at)
	return page, nil
}

// readPage adds the requests of an answer to a page. A row that nobody can read or is to
// believe is counted: it must not take the list from the others. All rows are read at
// once; those that want a closer look are read again, one by one. Errors: *airlock.Fault.
func (s *Store) readPage(ctx context.Context, operation string, asked stretch, found *answer, page *airlock.Page) error {
	rows := sync.OnceValues(found.rows)
	listed, err := found.listed()
	if err != nil { // for one row that is none
		all, err := rows()
		if err != nil {
			return s.faultOf(operation, err)
		}
		listed = make([]listedRow, len(all))
	}
	page.Requests = slices.Grow(page.Requests, len(listed))
	var scratch []byte
	for i := range listed {
		var request airlock.Request
		readable := false
		if asked.has(&listed[i]) {
			request, readable = s.readListedFast(ctx, &listed[i], &scratch)
		}
		if !readable {
			all, err := rows()
			if err != nil {
				return s.faultOf(operation, err)
			}
			if request, readable, err = s.listed(ctx, all[i]); err != nil {
				return err
			}
		}
		if readable {
			page.Requests = append(page.Requests, request)
		} else {
			page.Damaged++
		}
	}
	return nil
}

// listed reads a listing row as every row is read. readable is false for one that nobody
// can read or is to believe.
func (s *Store) listed(ctx context.Context, entity []byte) (request airlock.Request, readable bool, err error) {
	r, err := s.read(ctx, requestsTable, entity)
	if err != nil {
		return airlock.Request{}, false, err
	}
	request, err = readListed(r)
	if err == nil {
		return request, true, nil
	}
	if _, told := errors.AsType[*damage](err); !told {
		_ = s.damaged(ctx, requestsTable, r.partition, r.key, "it cannot be read")
	}
	return airlock.Request{}, false, nil
}

// stretch is the part of a workspace's rows that a listing looks through.
type stretch struct {
	workspace airlock.WorkspaceID
	index     string // the kind of its rows
	from, to  string
}

// stretchOf picks the index that fits.
func stretchOf(q airlock.Query) stretch {
	index := []string{kindByTime}
	switch {
	case q.CreatedBy != "":
		index = []string{kindByCreator, escape(string(q.CreatedBy))}
	case len(q.Statuses) == 1:
		// A status comes from outside; as a part of a key it must not have a separator.
		index = []string{kindByStatus, escape(string(q.Statuses[0]))}
	}
	from, to := between(index...)
	return stretch{workspace: q.Workspace, index: index[0], from: from, to: to}
}

// has reports whether a row says that it lies there. encoding/json takes a column of the
// name "partitionkey" for the row's own key, so a row can say that it lies elsewhere, where
// its seal holds.
func (s stretch) has(r *listedRow) bool {
	return r.PartitionKey == string(s.workspace) && s.from <= r.RowKey && r.RowKey < s.to
}

// filter leaves the rest of a query's conditions to the service.
func (s stretch) filter(q airlock.Query) string {
	var rest []string
	if s.index != kindByStatus && len(q.Statuses) > 0 {
		rest = append(rest, oneOf("Status", q.Statuses))
	}
	if q.Type != "" {
		rest = append(rest, "Type eq "+odataText(string(q.Type)))
	}
	return strings.Join(append([]string{rangeFilter(string(s.workspace), s.from, s.to)}, rest...), " and ")
}

// oneOf is the condition that a column has one of some values.
func oneOf[T ~string](column string, values []T) string {
	var choices []string
	for _, v := range values {
		choices = append(choices, column+" eq "+odataText(string(v)))
	}
	return "(" + strings.Join(choices, " or ") + ")"
}

func rangeFilter(partition, from, to string) string {
	return fmt.Sprintf("PartitionKey eq %s and RowKey ge %s and RowKey lt %s", odataText(partition), odataText(from), odataText(to))
}

// odataText is a text as a literal of a filter.
func odataText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
