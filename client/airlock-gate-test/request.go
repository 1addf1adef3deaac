package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// workspace is where all requests are.
const workspace = "9e1a7c52-6d0b-4f3e-8a41-5b7c2d9f0e11"

// file is one of a request.
type file struct {
	name  string
	bytes []byte
	// etag changes with each set of bytes.
	etag string
	// unhashed is above the limit for hashing: the task has no SHA-256 of it.
	unhashed bool
	// lies are false bytes that storage serves instead of the file's.
	lies []byte
}

func (f file) sum() string {
	if f.unhashed {
		return ""
	}
	sum := sha256.Sum256(f.bytes)
	return hex.EncodeToString(sum[:])
}

// request is a request at its gate, as the service sees it.
type request struct {
	id, gate string

	mu       sync.Mutex
	files    []file
	status   string // of the gate
	outcome  string // the gravest word so far, "" for none
	deadline time.Time
	attempt  int
	// links are signatures that are good.
	links []string
	// puts are the verdicts that came, with what was answered.
	puts []put
	// trouble is the list of faults to play, in turn.
	trouble trouble
	// onLink is called when a link is asked for, once.
	onLink func(*request)
}

// trouble counts the calls that are to fail.
type trouble struct{ tasks, verdicts, reads, links int }

// put is one verdict that came.
type put struct {
	body   []byte
	v      verdict
	status int
	why    string // the reason it was refused
}

func newRequest(gate string, files ...file) *request {
	r := &request{id: newID(), gate: gate, files: files, status: "running", deadline: time.Now().Add(time.Hour), attempt: 1}
	for i := range r.files {
		r.files[i].etag = newETag()
	}
	return r
}

func newID() string {
	b := random(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func newETag() string { return fmt.Sprintf("0x8D%X", random(6)) }

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return b
}

// digest is the content digest of the task, as docs/GATES.md has it.
func (r *request) digest() string {
	h := sha256.New()
	for _, f := range r.files {
		proof := "sha256:" + f.sum()
		if f.unhashed {
			proof = "etag:" + f.etag
		}
		fmt.Fprintf(h, "%s\x00%d\x00%s\n", f.name, len(f.bytes), proof)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// file returns one by name, nil for none.
func (r *request) file(name string) *file {
	i := slices.IndexFunc(r.files, func(f file) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &r.files[i]
}

// replace gives a file other bytes, as a fresh turn does.
func (r *request) replace(i int, bytes []byte) {
	r.files[i].bytes, r.files[i].etag = bytes, newETag()
}

// accepted are the verdicts that counted.
func (r *request) accepted() []put {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []put
	for _, p := range r.puts {
		if p.status == http.StatusOK {
			out = append(out, p)
		}
	}
	return out
}

// malformed is the fault of a verdict that could not be read, "" for none.
func (r *request) malformed() string {
	for _, p := range r.said() {
		if p.status == http.StatusUnprocessableEntity || p.status == http.StatusRequestEntityTooLarge {
			return fmt.Sprintf("a verdict was refused with %d: %s", p.status, p.why)
		}
	}
	return ""
}

// said are all verdicts that came.
func (r *request) said() []put {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.puts)
}
