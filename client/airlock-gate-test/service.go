package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// service plays the airlock's API for gates, and its storage.
type service struct {
	options
	server   *http.Server
	listener net.Listener
	trap     *trap

	mu       sync.Mutex
	requests map[string]*request
	// strays are calls that a gate has no reason for.
	strays []string
}

// open begins to serve.
func open(o options) (*service, error) {
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return nil, err
	}
	s := &service{options: o, listener: l, requests: map[string]*request{}}
	if s.trap, err = setTrap(); err != nil {
		_ = l.Close()
		return nil, err
	}
	mux := http.NewServeMux()
	const gate = "/api/workspaces/{workspace}/requests/{request}/gates/{gate}"
	mux.HandleFunc("GET "+gate, s.api(s.task))
	mux.HandleFunc("POST "+gate+"/link", s.api(s.link))
	mux.HandleFunc("PUT "+gate+"/verdict", s.api(s.verdict))
	mux.HandleFunc("GET /storage/{container}", s.list)
	mux.HandleFunc("GET /storage/{container}/{name...}", s.read)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.stray("it called %s %s", r.Method, r.URL.Path)
		problem(w, http.StatusNotFound, "no_such_route", "Not Found")
	})
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.server.Serve(l) }()
	return s, nil
}

func (s *service) close() {
	_ = s.server.Close()
	s.trap.close()
}

func (s *service) origin() string { return "http://" + s.listener.Addr().String() }
func (s *service) url() string    { return s.origin() + "/api" }

func (s *service) stray(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.strays = append(s.strays, fmt.Sprintf(format, args...))
}

// strayed returns the faults noted since the last call.
func (s *service) strayed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.strays
	s.strays = nil
	return all
}

func (s *service) add(r *request) *request {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[r.id] = r
	return r
}

func (s *service) find(id string) *request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[id]
}

func problem(w http.ResponseWriter, status int, code, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	answer(w, map[string]any{"type": "urn:airlock:problem:" + code, "title": http.StatusText(status), "status": status, "detail": detail, "code": code})
}

func answer(w io.Writer, body any) { _ = json.NewEncoder(w).Encode(body) }

// api makes sure of the token, and finds the request.
func (s *service) api(next func(http.ResponseWriter, *http.Request, *request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("Authorization") != "Bearer "+s.token {
			s.stray("it called %s %s without the bearer token", r.Method, r.URL.Path)
			problem(w, http.StatusUnauthorized, "token_missing", "Could not validate credentials")
			return
		}
		req := s.find(r.PathValue("request"))
		if req == nil || r.PathValue("workspace") != workspace {
			problem(w, http.StatusNotFound, "no_such_request", "Airlock request does not exist")
			return
		}
		req.mu.Lock()
		defer req.mu.Unlock()
		if r.PathValue("gate") != req.gate {
			problem(w, http.StatusForbidden, "not_permitted", "Only the service principals that the workspace's policy names speak for this gate of this request.")
			return
		}
		next(w, r, req)
	}
}

// fails uses up one failure that is due.
func fails(w http.ResponseWriter, left *int) bool {
	if *left == 0 {
		return false
	}
	*left--
	w.Header().Set("Retry-After", "1")
	problem(w, http.StatusServiceUnavailable, "storage_unavailable", "State Store endpoint is not responding")
	return true
}

func (r *request) task() map[string]any {
	files := []map[string]any{}
	for _, f := range r.files {
		one := map[string]any{"name": f.name, "size": len(f.bytes), "etag": f.etag}
		if !f.unhashed {
			one["sha256"] = f.sum()
		}
		files = append(files, one)
	}
	return map[string]any{"requestId": r.id, "workspaceId": workspace, "type": "export", "gate": r.gate, "status": r.status,
		"contentDigest": r.digest(), "deadline": r.deadline.UTC().Truncate(time.Second), "attempt": r.attempt, "files": files}
}

func (s *service) task(w http.ResponseWriter, _ *http.Request, r *request) {
	if fails(w, &r.trouble.tasks) {
		return
	}
	answer(w, r.task())
}

func (s *service) link(w http.ResponseWriter, _ *http.Request, r *request) {
	if r.status != "running" {
		problem(w, http.StatusBadRequest, "not_now", "The gate is not at work about these files.")
		return
	}
	signature := hex.EncodeToString(random(16))
	r.links = append(r.links, signature)
	answer(w, map[string]any{"containerUrl": s.origin() + "/storage/" + r.id + "?sp=rl&sig=" + signature,
		"expires": time.Now().Add(time.Hour).UTC().Truncate(time.Second), "permission": "read"})
	if then := r.onLink; then != nil {
		r.onLink = nil
		then(r)
	}
}

func (s *service) verdict(w http.ResponseWriter, in *http.Request, r *request) {
	if fails(w, &r.trouble.verdicts) {
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, in.Body, maxVerdict))
	if err != nil {
		r.puts = append(r.puts, put{status: http.StatusRequestEntityTooLarge, why: fmt.Sprintf("it has more than %d bytes", maxVerdict)})
		problem(w, http.StatusRequestEntityTooLarge, "body_too_large", "The body is too large")
		return
	}
	v, why := readVerdict(body)
	p := put{body: body, v: v, status: http.StatusUnprocessableEntity, why: why}
	code := "invalid_request"
	if why == "" {
		same := slices.ContainsFunc(r.puts, func(before put) bool { return before.status == http.StatusOK && sameWord(before.v, v) })
		if same && v.ContentDigest == r.digest() {
			p.status = http.StatusOK // the same again
		} else {
			p.status, code, p.why = r.take(v)
		}
	}
	r.puts = append(r.puts, p)
	if p.status != http.StatusOK {
		problem(w, p.status, code, p.why)
		return
	}
	answer(w, r.task())
}

// signed finds the request of a container by a link that is good.
func (s *service) signed(w http.ResponseWriter, in *http.Request) *request {
	if in.Header.Get("Authorization") != "" {
		s.stray("it sent its token to storage")
	}
	r := s.find(in.PathValue("container"))
	if r == nil {
		refuse(w, http.StatusNotFound, "ContainerNotFound")
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.trouble.reads > 0:
		r.trouble.reads--
		refuse(w, http.StatusServiceUnavailable, "ServerBusy")
		return nil
	case r.trouble.links > 0 && len(r.links) > 0: // the link that was used has expired
		r.trouble.links--
		r.links = slices.DeleteFunc(r.links, func(sig string) bool { return sig == in.URL.Query().Get("sig") })
	}
	if !slices.Contains(r.links, in.URL.Query().Get("sig")) {
		refuse(w, http.StatusForbidden, "AuthenticationFailed")
		return nil
	}
	return r
}

// refuse answers as storage does.
func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("x-ms-error-code", code)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="utf-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, code)
}

func (s *service) read(w http.ResponseWriter, in *http.Request) {
	r := s.signed(w, in)
	if r == nil {
		return
	}
	r.mu.Lock()
	f := r.file(in.PathValue("name"))
	if f == nil {
		r.mu.Unlock()
		refuse(w, http.StatusNotFound, "BlobNotFound")
		return
	}
	body, etag := f.bytes, f.etag
	if f.lies != nil {
		body = f.lies
	}
	r.mu.Unlock()
	w.Header().Set("ETag", `"`+etag+`"`)
	w.Header().Set("x-ms-blob-type", "BlockBlob")
	w.Header().Set("Content-Type", "application/octet-stream")
	if given := in.Header.Get("x-ms-range"); given != "" { // the SDKs' name of Range
		in.Header.Set("Range", given)
	}
	http.ServeContent(w, in, "", time.Time{}, bytes.NewReader(body))
}

func (s *service) list(w http.ResponseWriter, in *http.Request) {
	r := s.signed(w, in)
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var blobs strings.Builder
	for _, f := range r.files {
		blobs.WriteString("<Blob><Name>")
		_ = xml.EscapeText(&blobs, []byte(f.name))
		fmt.Fprintf(&blobs, "</Name><Properties><Etag>%s</Etag><Content-Length>%d</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>", f.etag, len(f.bytes))
	}
	w.Header().Set("Content-Type", "application/xml")
	fmt.Fprintf(w, `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="%s"><Blobs>%s</Blobs><NextMarker/></EnumerationResults>`, r.id, blobs.String())
}

// trap is a place that no gate has a reason to call.
type trap struct {
	listener net.Listener
	server   *http.Server

	mu    sync.Mutex
	calls int
}

func setTrap() (*trap, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t := &trap{listener: l}
	t.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.calls++
		w.WriteHeader(http.StatusNotFound)
	})}
	go func() { _ = t.server.Serve(l) }()
	return t, nil
}

func (t *trap) close()      { _ = t.server.Close() }
func (t *trap) url() string { return "http://" + t.listener.Addr().String() }

func (t *trap) called() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.calls > 0
}
