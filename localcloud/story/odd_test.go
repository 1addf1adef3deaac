package story_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	. "example.org/airlock/localcloud/story"
)

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// refusal is the answer to a submit, as text.
func refusal(p *Play, status int) string {
	a := p.As(Researcher).Tries("submit")
	p.Holds(a.Status == status, "submit: want %d, got %s", status, a)
	p.Holds(p.Now().Status == Draft, "a refused submit changes the request")
	return string(a.Body)
}

// A draft that nobody could seal, made with a researcher's link, is refused at once with the reason, and the
// draft can be mended.
func TestADraftThatCannotBeSealedSaysWhy(t *testing.T) {
	t.Parallel()
	block := header("x-ms-blob-type", "BlockBlob")
	for rule, spoil := range map[string]func(p *Play, r *Person) (status int, name string){
		"blob_type": func(_ *Play, r *Person) (int, string) {
			return r.Sends(http.MethodPut, "append.csv", "", header("x-ms-blob-type", "AppendBlob"), nil), "append.csv"
		},
		"blob_type of a page blob": func(_ *Play, r *Person) (int, string) {
			return r.Sends(http.MethodPut, "page.csv", "", header("x-ms-blob-type", "PageBlob", "x-ms-blob-content-length", "512"), nil), "page.csv"
		},
		"archived": func(_ *Play, r *Person) (int, string) {
			r.Sends(http.MethodPut, "cold.csv", "", block, data)
			return r.Sends(http.MethodPut, "cold.csv", "comp=tier&", header("x-ms-access-tier", "Archive"), nil), "cold.csv"
		},
		"customer_key": func(_ *Play, r *Person) (int, string) {
			key := sha256.Sum256([]byte("a key of the researcher's"))
			sum := sha256.Sum256(key[:])
			base64 := base64.StdEncoding.EncodeToString
			return r.Sends(http.MethodPut, "locked.csv", "", header("x-ms-blob-type", "BlockBlob", "x-ms-encryption-algorithm", "AES256",
				"x-ms-encryption-key", base64(key[:]), "x-ms-encryption-key-sha256", base64(sum[:])), data), "locked.csv"
		},
		"litter": func(_ *Play, r *Person) (int, string) {
			return r.Sends(http.MethodPut, ".DS_Store", "", block, data), ".DS_Store"
		},
		"litter of a folder": func(_ *Play, r *Person) (int, string) {
			return r.Sends(http.MethodPut, "folder", "", header("x-ms-blob-type", "BlockBlob", "x-ms-meta-hdi_isfolder", "true"), nil), "folder"
		},
		"forbidden_name": func(_ *Play, r *Person) (int, string) {
			return r.Sends(http.MethodPut, "data\u200b.csv", "", block, data), "data\u200b.csv"
		},
		"twin_names": func(_ *Play, r *Person) (int, string) {
			return r.Sends(http.MethodPut, "A.CSV", "", block, data), "A.CSV"
		},
		"unlistable_name": func(_ *Play, r *Person) (int, string) {
			return r.Sends(http.MethodPut, "a\u0001b.csv", "", block, data), "a\u0001b.csv"
		},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			play(t, func(p *Play) {
				r := p.As(Researcher).Creates(Import).Uploads("a.csv", data)
				status, name := spoil(p, r)
				p.Holds(status/100 == 2, "the draft cannot be spoilt: %d", status)
				word, _, _ := strings.Cut(rule, " ")
				said := refusal(p, http.StatusUnprocessableEntity)
				p.Holds(strings.Contains(said, `"`+word+`"`), "want %s, got %s", word, said)
				p.Holds(r.Sends(http.MethodDelete, name, "", nil, nil) == http.StatusAccepted, "what spoils the draft cannot be deleted")
				r.Submits()
				p.Eventually(InReview)
				p.TrailHas("the refused submit", func(r AuditRecord) bool { return r.Action == "refused" && r.Detail["attempted"] == "submit" })
			})
		})
	}
}

// Names that XML cannot carry never look like trouble of the storage.
func TestNamesThatNoListCanCarry(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a\u0000b", "a\u0001b", "a\ufffeb", "a\uffffb", "tab\tname"} {
		play(t, func(p *Play) {
			r := p.As(Researcher).Creates(Import).Uploads("a.csv", data)
			if status := r.Sends(http.MethodPut, name, "", header("x-ms-blob-type", "BlockBlob"), data); status/100 != 2 {
				return // storage itself refuses it
			}
			refusal(p, http.StatusUnprocessableEntity)
		})
	}
}

// A listing stops a little behind the limit: however many files there are, submit makes one call.
func TestADraftOfManyFilesIsAnsweredWithOneCall(t *testing.T) {
	t.Parallel()
	playIn(t, "imaging", 4*time.Minute, func(p *Play) {
		r := p.As(Researcher2).Creates(Export).Uploads("a.csv", data) // the link is there before many use it at once
		names := make(chan int)
		var uploads sync.WaitGroup
		for range 16 {
			uploads.Go(func() {
				for i := range names {
					r.Sends(http.MethodPut, fmt.Sprint("patient ", i, "\u202A"), "", header("x-ms-blob-type", "BlockBlob"), nil)
				}
			})
		}
		for i := range 1200 {
			names <- i
		}
		close(names)
		uploads.Wait()
		calls := func() int {
			log, err := p.Cloud.Calls(p.Context())
			p.Holds(err == nil, "no log of calls")
			n := 0
			for _, c := range log {
				if c.Op == "ListBlobs" && strings.Contains(c.Where, p.ID) && c.By == "program" {
					n++
				}
			}
			return n
		}
		a := r.Tries("submit")
		p.Holds(a.Status == http.StatusUnprocessableEntity, "submit of so many: %s", a)
		p.Holds(calls() == 1, "%d calls to judge a draft", calls())
		p.Holds(len(a.Body) < 8<<10, "the refusal has %d bytes", len(a.Body))
		p.Holds(!strings.Contains(string(a.Body), "patient"), "the refusal carries names out: %s", a.Body)
	})
}

// Names of an export are seen by those who review it, and by nobody else before its approval: in no answer, event or
// mail.
func TestNamesOfAnExportStayInsideUntilItsApproval(t *testing.T) {
	t.Parallel()
	const secret = "Patient Smith 1.csv"
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Export).Uploads(secret, data).Submits()
		p.Eventually(InReview)
		base := "/workspaces/" + p.WorkspaceID() + "/requests"
		seen := func(persona, path string) bool {
			a := p.As(persona).Ask(http.MethodGet, path, nil, nil)
			p.Holds(a.Status == http.StatusOK, "%s asks %s: %s", persona, path, a)
			return strings.Contains(string(a.Body), "Smith")
		}
		for _, path := range []string{base + "/" + p.ID, base, base + "/" + p.ID + "/history"} {
			p.Holds(seen(Manager, path), "the manager sees no names in %s", path)
			for _, persona := range []string{Researcher, Researcher2} {
				p.Holds(!seen(persona, path), "%s sees names in %s", persona, path)
			}
		}
		events, err := p.Cloud.Published(p.Context(), p.ID)
		p.Holds(err == nil && len(events) > 0, "no events")
		for _, e := range events {
			if strings.HasPrefix(e.EventType, "Microsoft.") { // storage's own, which nobody else gets
				continue
			}
			p.Holds(!strings.Contains(string(e.Data), "Smith"), "an event carries a name: %s", e.Data)
		}
		p.As(Manager).Approves("fine")
		p.Eventually(Approved)
		p.Holds(seen(Researcher, base+"/"+p.ID), "after its approval the requestor sees the names")
		p.BytesLieWhereTheyBelong().TrailVerifies()
	})
}

func TestNamesOfExportsArePlain(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		p.As(Researcher).Creates(Export).Uploads("Größe=42,7;ID=17.csv", data)
		said := refusal(p, http.StatusUnprocessableEntity)
		p.Holds(!strings.Contains(said, "ID=17") && strings.Contains(said, "file 1 ("), "%s", said)
	})
}

// A copy into the draft that is under way, and what a failed one leaves, are no files yet.
func TestACopyIntoTheDraftIsWaitedFor(t *testing.T) {
	play(t, func(p *Play) {
		r := p.As(Researcher).Creates(Import).Uploads("a.csv", data)
		hold := url.Values{"op": {"CopyBlob"}, "match": {p.ID}, "do": {"hold"}, "for": {"1s"}, "final": {"failed"}}
		p.Holds(p.Cloud.Break(p.Context(), hold) == nil, "no rule set")
		p.Holds(r.Sends(http.MethodPut, "b.csv", "", header("x-ms-copy-source", r.Source("a.csv")), nil) == http.StatusAccepted, "no copy begins")
		p.Holds(strings.Contains(refusal(p, http.StatusUnprocessableEntity), "copy_pending"), "a pending copy is taken for a file")
		time.Sleep(1500 * time.Millisecond) // until the copy has failed
		p.Holds(strings.Contains(refusal(p, http.StatusUnprocessableEntity), "copy_failed"), "what a failed copy left is taken for a file")
	})
}

func TestTextsThatShowDifferentlyAreRefused(t *testing.T) {
	t.Parallel()
	play(t, func(p *Play) {
		path := "/workspaces/" + p.WorkspaceID() + "/requests"
		for _, title := range []string{"a\u2028b", "a\u202Eb", "a\u2066b", "a\u200bb", "   ", "a\u0000b"} {
			a := p.As(Researcher).Ask(http.MethodPost, path, nil, map[string]string{"type": Import, "title": title, "businessJustification": "b"})
			p.Holds(a.Status == http.StatusUnprocessableEntity && strings.Contains(string(a.Body), "title"), "title %q: %s", title, a)
		}
		a := p.As(Researcher).Ask(http.MethodPost, path, nil, json.RawMessage(`{"type":"import","title":"a\ud800b","businessJustification":"b"}`))
		p.Holds(a.Status == http.StatusUnprocessableEntity, "a lone surrogate: %s", a)
		p.As(Researcher).Creates(Import)
	})
}
