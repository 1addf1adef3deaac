package tablestore

import (
	"context"
	"encoding/json"
	"fmt"

	"example.org/airlock/handler/airlock"
)

// listedFiles is how many files of a request a listing row carries.
const listedFiles = 20

// requestRow is the row that holds the truth. mark names the commit that wrote
// it, so that a commit whose answer was lost knows its own work again.
func requestRow(r airlock.Request, mark string) (row, error) {
	document, err := encode(r)
	if err != nil {
		return row{}, fmt.Errorf("tablestore: request %s: %w", r.ID, err)
	}
	out := newRow(string(r.Workspace), requestKey(r.ID))
	out.text("Document", document)
	out.columns["Commit"] = mark
	return out, nil
}

// readRequest reads a request's row and checks that it lies where it belongs.
func readRequest(r *stored) (request airlock.Request, mark string, err error) {
	r.known()
	mark = r.text("Commit")
	r.document("Document", &request)
	if r.err == nil && (r.partition != string(request.Workspace) || r.key != requestKey(request.ID)) {
		r.fail("it holds request %s of workspace %s", request.ID, request.Workspace)
	}
	return request, mark, r.done()
}

// listed is the part of a request that a listing shows. Members that change unseen
// are left out: the listing rows then need not be written.
func listed(r airlock.Request) airlock.Request {
	out := r.Clone()
	if len(out.Files) > listedFiles {
		out.Files = out.Files[:listedFiles]
	}
	for i := range out.Files {
		f := &out.Files[i]
		f.Hash, f.Verdict, f.EarlierETags, f.Copy = nil, nil, nil, nil
	}
	out.Work = airlock.Work{Overdue: r.Work.Overdue, DataDeleted: r.Work.DataDeleted}
	out.Chain = airlock.ChainHead{}
	out.CreateDigest, out.Accounts = "", nil
	return out
}

// indexRows are all rows besides the request's own that say where to find it.
func indexRows(r airlock.Request) ([]row, error) {
	document, err := encode(listed(r))
	if err != nil {
		return nil, fmt.Errorf("tablestore: request %s: %w", r.ID, err)
	}
	age, id := descending(r.CreatedWhen), string(r.ID)
	var out []row
	for _, k := range []string{
		key(kindByTime, age, id),
		key(kindByStatus, string(r.Status), age, id),
		key(kindByCreator, escape(string(r.CreatedBy.ID)), age, id),
	} {
		index := newRow(string(r.Workspace), k)
		index.text("Document", document)
		index.columns["Type"] = string(r.Type)
		index.columns["Status"] = string(r.Status)
		index.columns["CreatedBy"] = string(r.CreatedBy.ID)
		out = append(out, index)
	}
	if !r.Work.Due.IsZero() {
		out = append(out, newRow(string(r.Workspace), key(kindDue, ascending(r.Work.Due), id)))
	}
	if r.Work.Overdue && !r.Status.Final() {
		out = append(out, newRow(string(r.Workspace), key(kindOverdue, id)))
	}
	return out, nil
}

// readListed reads a listing row.
func readListed(r *stored) (request airlock.Request, err error) {
	r.known()
	for _, name := range []string{"Type", "Status", "CreatedBy"} {
		r.text(name)
	}
	r.document("Document", &request)
	if r.err == nil && r.partition != string(request.Workspace) {
		r.fail("it holds a request of workspace %s", request.Workspace)
	}
	return request, r.done()
}

// listedRow is a listing row as indexRows makes it.
type listedRow struct {
	PartitionKey, RowKey    string
	Schema                  int
	Document                string
	Type, Status, CreatedBy string
	Seal                    string
	Document1               *string // there is more of the document
}

// listed reads a page of listing rows at once.
func (a *answer) listed() ([]listedRow, error) {
	var page struct {
		Value []listedRow `json:"value"`
	}
	err := json.Unmarshal(a.body, &page)
	return page.Value, err
}

// readListedFast judges a listing row of the present format. Listing rows are
// never written back, so it may pass over unknown members, other columns
// included; ok is false for a row that wants a closer look. scratch is room for the
// message of a seal, of one row after the other.
func (s *Store) readListedFast(ctx context.Context, r *listedRow, scratch *[]byte) (request airlock.Request, ok bool) {
	if !s.formats.knows(r.Schema) || r.Document1 != nil {
		return airlock.Request{}, false
	}
	// The message of sealMessage, without the detour over a map.
	m := sealStart((*scratch)[:0], requestsTable, r.PartitionKey, r.RowKey)
	m = sealValue(m, "CreatedBy", r.CreatedBy)
	m = sealValue(m, "Document", r.Document)
	document := m[len(m)-len(r.Document):]
	m = sealValue(m, "Schema", r.Schema)
	m = sealValue(m, "Status", r.Status)
	m = sealValue(m, "Type", r.Type)
	*scratch = m
	if genuine, err := s.genuine(ctx, r.Seal, m); err != nil || !genuine || json.Unmarshal(document, &request) != nil {
		return airlock.Request{}, false
	}
	s.damages.mended(requestsTable, r.PartitionKey, r.RowKey)
	return request, r.PartitionKey == string(request.Workspace)
}
