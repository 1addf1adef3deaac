package chaos

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"example.org/airlock/localcloud/story"
)

// drafter spoils a draft as far as its uploader's link allows, and mends the draft when it is refused. The nil drafter does nothing.
type drafter struct {
	dice    *rand.Rand
	spoil   []oddity // oddities that would have to be refused now
	done    int      // calls that a link allows
	refused int      // submits
}

// oddity is one thing that a link allows. A rule says that submit must refuse the draft while name lies there.
type oddity struct {
	rule, name    string
	method, query string
	header        http.Header
	body          []byte
}

func says(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// oddities are those of a draft that holds file; the ones without a rule change nothing that the airlock goes by. The
// lease comes last: it keeps its own holder from writing, too.
func oddities(file string) [][]oddity {
	put := func(rule, name, query string, body []byte, header ...string) oddity {
		return oddity{rule, name, http.MethodPut, query, says(header...), body}
	}
	return [][]oddity{
		{put("blob_type", "append.csv", "", nil, "x-ms-blob-type", "AppendBlob")},
		{put("blob_type", "page.csv", "", nil, "x-ms-blob-type", "PageBlob", "x-ms-blob-content-length", "512")},
		{put("", "cold.csv", "", clean, "x-ms-blob-type", "BlockBlob"), put("archived", "cold.csv", "comp=tier&", nil, "x-ms-access-tier", "Archive")},
		{put("customer_key", "locked.csv", "", clean, "x-ms-blob-type", "BlockBlob", "x-ms-encryption-algorithm", "AES256", // a key of zeros
			"x-ms-encryption-key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "x-ms-encryption-key-sha256", "Zmh6rfhivXdsj8GLjp+OIAiXFIVu4jOzkCpZHQ1fKSU=")},
		{put("litter", ".DS_Store", "", clean, "x-ms-blob-type", "BlockBlob")},
		{put("litter", "folder", "", nil, "x-ms-blob-type", "BlockBlob", "x-ms-meta-hdi_isfolder", "true")},
		{put("", file, "comp=tier&", nil, "x-ms-access-tier", "Cool")},
		{put("", file, "comp=snapshot&", nil)},
		{put("", file, "comp=properties&", nil, "x-ms-blob-content-encoding", "gzip", "x-ms-blob-content-type", "text/html")},
		{put("", file, "comp=metadata&", nil, "x-ms-meta-airlocksource", "0x1", "x-ms-meta-note", "anything")},
		{put("", file, "comp=lease&", nil, "x-ms-lease-action", "acquire", "x-ms-lease-duration", "-1")},
	}
}

// spoils does some of it, and sometimes begins a copy that stays pending and may fail.
func (d *drafter) spoils(r *story.Person) *story.Person {
	if d == nil {
		return r
	}
	files := r.Files()
	file := files[d.dice.IntN(len(files))].Name
	all := oddities(file)
	chosen := d.dice.Perm(len(all))[:d.dice.IntN(3)]
	slices.Sort(chosen)
	for _, i := range chosen {
		for _, o := range all[i] {
			status := r.Sends(o.method, o.name, o.query, o.header, o.body)
			r.Holds(status/100 == 2, "the attack itself fails: %s %s is answered with %d", o.query, o.name, status)
			d.done++
			if o.rule != "" {
				d.spoil = append(d.spoil, o)
			}
		}
	}
	if d.dice.IntN(6) == 0 {
		final := []string{"success", "failed"}[d.dice.IntN(2)]
		hold := url.Values{"op": {"CopyBlob"}, "match": {r.ID}, "do": {"hold"}, "for": {fmt.Sprintf("%dms", 1+d.dice.IntN(2000))}, "final": {final}}
		must(r.Play, r.Cloud.Break(r.Context(), hold))
		r.Copies(file, "copied.csv")
		d.done++
	}
	return r
}

// submits hands the draft in, however often it has to be mended first.
func (d *drafter) submits(r *story.Person) {
	if d == nil {
		r.Submits()
		return
	}
	d.spoils(r)
	until := time.Now().Add(stormLimit)
	for {
		answer := r.Tries("submit")
		if answer.Status == http.StatusOK {
			r.Holds(len(d.spoil) == 0, "a draft is taken in spite of %v", d.spoil)
			return
		}
		r.Holds(answer.Status == http.StatusUnprocessableEntity && time.Now().Before(until), "submit: %s", answer)
		d.refused++
		d.mends(r, string(answer.Body))
	}
}

// mends does as the refusal says, which has to name something that is so.
func (d *drafter) mends(r *story.Person, refusal string) {
	names := func(rule string) bool { return strings.Contains(refusal, `"`+rule+`"`) }
	mended := false
	var left []oddity
	for _, o := range d.spoil {
		if !names(o.rule) {
			left = append(left, o)
			continue
		}
		r.Deletes(o.name)
		mended = true
	}
	d.spoil = left
	switch {
	case names("copy_failed"):
		r.Deletes("copied.csv")
		mended = true
	case names("copy_pending"):
		r.Rests(400 * time.Millisecond)
		mended = true
	}
	r.Holds(mended, "a draft is refused without need: %s", refusal)
}
