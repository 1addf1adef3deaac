package front

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"example.org/airlock/localcloud/event"
	"example.org/airlock/localcloud/fault"
)

// syncCopyLimit is Azure's limit for Copy Blob From URL
// (learn.microsoft.com/rest/api/storageservices/copy-blob-from-url).
const syncCopyLimit = 256 << 20

// Config holds a Front's dependencies; all but SyncCopyLimit are required.
type Config struct {
	Backend *Backend
	Secret  []byte // from which user delegation keys are derived; links die with it
	// Verify checks a bearer token for one of the audiences.
	Verify func(token string, audiences ...string) (oid, tid string, err error)
	// Emit is told of every blob created, before the client gets its answer.
	Emit   func(account string, e event.Event)
	Faults *fault.Filter
	Log    *slog.Logger

	SyncCopyLimit int64 // bytes; 0: Azure's
}

// Front forwards storage requests to Azurite.
type Front struct {
	config Config
	held   held
	keys   customerKeys
	cors   map[string]CORSRule
}

// New returns a Front for all accounts the backend has keys of.
func New(c Config) *Front {
	if c.SyncCopyLimit == 0 {
		c.SyncCopyLimit = syncCopyLimit
	}
	return &Front{config: c, held: held{copies: map[string]*heldCopy{}}, keys: customerKeys{sums: map[string]string{}}}
}

// Hosts are the host names whose requests ServeHTTP answers.
func (f *Front) Hosts() []string {
	var hosts []string
	for account := range f.config.Backend.Keys {
		for _, service := range []string{"blob", "table"} {
			hosts = append(hosts, account+"."+service+storageSuffix)
		}
	}
	return hosts
}

// ServeHTTP serves programs: production host names, a bearer token or a user delegation SAS, every operation. There
// are no role assignments: a valid token may do everything.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	account, service, _ := splitHost(strings.TrimSuffix(r.Host, ":443"))
	f.serve(w, r, &request{service: service, account: account, path: r.URL.EscapedPath()})
}

// People serves people: http://127.0.0.1:PORT/ACCOUNT/CONTAINER/BLOB?SAS, user delegation SAS and few operations only.
func (f *Front) People() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		account, _, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
		f.serve(w, r, &request{service: "blob", account: account, path: strings.TrimPrefix(r.URL.EscapedPath(), "/"+account), people: true})
	})
}

func (f *Front) serve(w http.ResponseWriter, r *http.Request, q *request) {
	if f.config.Backend.Keys[q.account] == nil {
		fail(w, r, q, http.StatusBadRequest, "InvalidUri", "not an account of this cloud")
		return
	}
	if f.preflight(w, r, q) {
		return
	}
	f.share(w.Header(), r, q)
	if err := q.parse(r); err != nil {
		fail(w, r, q, http.StatusBadRequest, "InvalidUri", err.Error())
		return
	}
	call := fault.Call{Op: q.op, Where: q.where(), By: fault.People}
	if !q.people && strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
		call.By = fault.Program
	}
	if q.op == "EntityTransaction" {
		target, refused := f.rewriteBatch(r, q)
		if refused != nil {
			refused.write(w, r, q)
			return
		}
		call.Where = q.account + "/" + target
	}
	refuse := func(w http.ResponseWriter, status int) { fail(w, r, q, status, codeOf(status), "injected") }
	f.config.Faults.Pass(w, r, call, refuse, func(w http.ResponseWriter, r *http.Request) { f.answer(w, r, q) })
}

// codeOf is the error code that an injected status has in Azure.
func codeOf(status int) string {
	if status == http.StatusForbidden { // the answer to an identity without the role
		return "AuthorizationPermissionMismatch"
	}
	return "ServerBusy"
}

// answer judges a request and answers it, mostly through Azurite.
func (f *Front) answer(w http.ResponseWriter, r *http.Request, q *request) {
	if q.people && !offered(r, q) {
		fail(w, r, q, http.StatusForbidden, "AuthorizationPermissionMismatch", "operation not offered here: "+q.op)
		return
	}
	if r.ContentLength < 0 { // Azurite alone would answer a bare 400
		fail(w, r, q, http.StatusLengthRequired, "MissingContentLengthHeader", "Content-Length is required")
		return
	}
	query, refused := f.authorize(r, q)
	if refused != nil {
		refused.write(w, r, q)
		return
	}
	f.held.unpin(q, r)
	if refused := f.keys.admit(q, r); refused != nil {
		refused.write(w, r, q)
		return
	}
	switch {
	case f.held.busy(q):
		fail(w, r, q, http.StatusConflict, "PendingCopyOperation", "There is currently a pending copy operation.")
		return
	case q.op == "GetUserDelegationKey":
		f.userDelegationKey(w, r, q)
		return
	case q.op == "AbortCopyBlob" && f.held.abort(q, q.query.Get("copyid")):
		w.WriteHeader(http.StatusNoContent)
		return
	case q.op == "PutBlobFromURL":
		fail(w, r, q, http.StatusNotImplemented, "NotImplemented", "the emulator has no Put Blob From URL")
		return
	case q.op == "PutBlockFromURL":
		f.putBlockFromURL(w, r, q, query)
		return
	}
	if r.Header.Get("x-ms-copy-source") != "" {
		if refused := f.allowCopy(r, q); refused != nil {
			refused.write(w, r, q)
			return
		}
	}
	f.forward(w, r, q, query)
}

func (f *Front) forward(w http.ResponseWriter, r *http.Request, q *request, query string) {
	if creates[q.op] { // its event is due even if the client hangs up before the answer
		r = r.WithContext(context.WithoutCancel(r.Context()))
	}
	backend := f.config.Backend.Blob
	if q.service == "table" {
		backend = f.config.Backend.Table
	}
	(&httputil.ReverseProxy{
		Transport: f.config.Backend.transport,
		ErrorLog:  quiet,
		Rewrite: func(p *httputil.ProxyRequest) {
			// Opaque keeps every byte of the path; Host is the same string in x-ms-copy-source, as Azurite demands.
			p.Out.URL = &url.URL{Scheme: backend.Scheme, Host: backend.Host, Opaque: "/" + q.account + q.path, RawQuery: query}
			p.Out.Host = backend.Host
			if p.Out.Header.Get("x-ms-version") > apiVersion { // of newer SDKs, which use old features only
				p.Out.Header.Set("x-ms-version", apiVersion)
			}
		},
		ModifyResponse: func(resp *http.Response) error { return f.answered(resp, q, r) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			if r.Context().Err() != nil {
				panic(http.ErrAbortHandler) // the client is gone
			}
			f.config.Log.Warn("storage does not answer", "op", q.op, "where", q.where(), "err", err)
			fail(w, r, q, http.StatusServiceUnavailable, "ServerBusy", "storage is not there") // SDKs try again
		},
	}).ServeHTTP(w, r)
}
