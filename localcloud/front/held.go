package front

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"example.org/airlock/localcloud/fault"
)

// held are copies that Azurite has finished and the front still calls pending: an empty blob with an ETag of its own, as
// documented for Copy Blob. They live in memory: after a restart of the front they are simply done.
type held struct {
	mu     sync.Mutex
	copies map[string]*heldCopy // by heldKey
}

type heldCopy struct {
	id, etag, final string
	due             time.Time
	timer           *time.Timer
}

func heldKey(q *request, blob string) string { return q.account + "/" + q.container + "/" + blob }

// add turns a finished copy's answer into that of a pending one; finished is called when it succeeds in the end.
func (h *held) add(q *request, answer http.Header, rule *fault.Rule, finished func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := &heldCopy{id: answer.Get("x-ms-copy-id"), final: rule.Final, due: time.Now().Add(rule.For),
		etag: fmt.Sprintf("\"0x8D%013X\"", time.Now().UnixNano()&(1<<52-1))}
	if c.final == "" {
		c.final = "success"
	}
	c.timer = time.AfterFunc(rule.For, func() {
		if c.final == "success" {
			finished()
		}
	})
	h.copies[heldKey(q, q.blob)] = c
	answer.Set("x-ms-copy-status", "pending")
	answer.Set("ETag", c.etag)
}

// busy reports whether q would write to a blob that is being copied into.
func (h *held) busy(q *request) bool {
	switch q.op {
	case "PutBlob", "PutBlockList", "CopyBlob", "CopyBlobFromURL", "DeleteBlob":
		h.mu.Lock()
		defer h.mu.Unlock()
		c := h.copies[heldKey(q, q.blob)]
		return c != nil && time.Now().Before(c.due)
	}
	return false
}

// unpin drops the condition of a delete that names the ETag shown of a copy that did not succeed: Azurite, which judges
// conditions, knows the real one only.
func (h *held) unpin(q *request, r *http.Request) {
	if q.op != "DeleteBlob" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.copies[heldKey(q, q.blob)]; c != nil && c.final != "success" && r.Header.Get("If-Match") == c.etag {
		r.Header.Del("If-Match")
	}
}

// abort ends a pending copy and reports whether there was one with that id.
func (h *held) abort(q *request, id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.copies[heldKey(q, q.blob)]
	if c == nil || c.id != id || !c.timer.Stop() {
		return false
	}
	c.final, c.due = "aborted", time.Now()
	return true
}

// status is the copy's shown status, or "" if it is really done. Callers hold mu.
func (h *held) status(key, id string) (c *heldCopy, status string) {
	c = h.copies[key]
	switch {
	case c == nil || c.id != id:
		return nil, ""
	case time.Now().Before(c.due):
		return c, "pending"
	case c.final == "success":
		delete(h.copies, key)
		return nil, ""
	}
	return c, c.final
}

// mask shows the held state of one blob instead of what Azurite tells.
func (h *held) mask(q *request, resp *http.Response) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c, status := h.status(heldKey(q, q.blob), resp.Header.Get("x-ms-copy-id"))
	if c == nil {
		return
	}
	_, total, _ := strings.Cut(resp.Header.Get("x-ms-copy-progress"), "/")
	resp.Header.Set("x-ms-copy-status", status)
	resp.Header.Set("x-ms-copy-progress", "0/"+total)
	if status == "pending" {
		resp.Header.Del("x-ms-copy-completion-time")
	}
	resp.Header.Set("ETag", c.etag)
	resp.Header.Set("Content-Length", "0")
	resp.Header.Del("Content-MD5")
	resp.Header.Del("Content-Range")
	resp.Body.Close()
	resp.Body, resp.ContentLength, resp.StatusCode = http.NoBody, 0, http.StatusOK
}

var (
	listedBlob     = regexp.MustCompile(`(?s)<Blob>.*?</Blob>`)
	listedName     = regexp.MustCompile(`(?s)<Name>.*?</Name>`)
	listedEtag     = regexp.MustCompile(`<Etag>[^<]*</Etag>`)
	listedLength   = regexp.MustCompile(`<Content-Length>[^<]*</Content-Length>`)
	listedMD5      = regexp.MustCompile(`<Content-MD5>[^<]*</Content-MD5>`)
	listedID       = regexp.MustCompile(`<CopyId>([^<]*)</CopyId>`)
	listedStatus   = regexp.MustCompile(`<CopyStatus>[^<]*</CopyStatus>`)
	listedProgress = regexp.MustCompile(`<CopyProgress>[^<]*</CopyProgress>`)
	listedEnd      = regexp.MustCompile(`</Properties>`)
	listedDone     = regexp.MustCompile(`<CopyCompletionTime>[^<]*</CopyCompletionTime>`)
)

// eachListed replaces the blobs of a list, each with its name. One whose name cannot be read stays.
func eachListed(list []byte, by func(name string, item []byte) []byte) []byte {
	return listedBlob.ReplaceAllFunc(list, func(item []byte) []byte {
		var name string
		if xml.Unmarshal(listedName.Find(item), &name) != nil {
			return item
		}
		return by(name, item)
	})
}

// maskList shows the held state of all blobs in a list.
func (h *held) maskList(q *request, list []byte) []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.copies) == 0 {
		return list
	}
	return eachListed(list, func(name string, item []byte) []byte {
		key := heldKey(q, name)
		c := h.copies[key]
		if c == nil {
			return item
		}
		id := c.id // a list tells no copy id unless asked to
		if listed := listedID.FindSubmatch(item); listed != nil {
			id = string(listed[1])
		}
		c, status := h.status(key, id)
		if c == nil {
			return item
		}
		item = listedEtag.ReplaceAll(item, []byte("<Etag>"+strings.Trim(c.etag, `"`)+"</Etag>"))
		item = listedLength.ReplaceAll(item, []byte("<Content-Length>0</Content-Length>"))
		item = listedMD5.ReplaceAll(item, nil)
		item = listedStatus.ReplaceAll(item, []byte("<CopyStatus>"+status+"</CopyStatus>"))
		item = listedProgress.ReplaceAll(item, nil)
		if status == "pending" {
			item = listedDone.ReplaceAll(item, nil)
		}
		return item
	})
}
