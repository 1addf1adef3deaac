// Package tablestore keeps the state of the airlock in Azure Table Storage.
//
// Table AirlockRequests has one partition per workspace, so that everything a
// decision changes is one entity-group transaction guarded by the ETag of the
// request's row (Commit). A request has these rows:
//
//	r|{id}                          the request, the truth
//	t|{inverted created}|{id}       listing, newest first
//	s|{status}|{inverted created}|{id}   listing by status
//	u|{creator}|{inverted created}|{id}  listing by creator
//	w|{due}|{id}                    present exactly while Work.Due is set
//	x|{id}                          present exactly while it is overdue and not ended
//	h|{id}                          chain head that is not anchored yet
//	a|{id}|{seq}                    audit record, written once
//	o|{time}|{id}|{n}|{event id}    event not yet published
//
// The listing rows carry a page's content, so that a page is one call. A
// transaction writes only the listing rows that change.
//
// AirlockWorkspaces, the registry, is one partition: per workspace a row that others may
// write ({id}) and one that holds ({id}|in-force), the workspaces' audit records
// (trail|{id}|{seq}), and the generation, which every write replaces (registryput.go).
//
// Rows carry seals (seal.go) and a version of their format (format.go).
//
// Three more tables: AirlockRequestWorkspaces (request id to workspace),
// AirlockWorkspaces (the registry), AirlockParkedEvents. The tables are made
// with the infrastructure, not here.
//
// Every row is limited by us before it is sent (row.go): the service would
// refuse it anyway, the emulator would not always. Nothing is ever cut to fit.
//
// Errors are the sentinels of package airlock or *airlock.Fault (errors.go).
package tablestore
