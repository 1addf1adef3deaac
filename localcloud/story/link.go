package story

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
)

// link asks for a link.
func (a *Person) link() link {
	var got struct{ ContainerURL string }
	a.must(a.wants(http.StatusOK, http.MethodGet, a.path("/link"), nil, nil).Into(&got))
	a.Holds(strings.Contains(got.ContainerURL, a.ID) && strings.Contains(got.ContainerURL, "sig="), "the link is none")
	return link(got.ContainerURL)
}

// Uploads puts a file into the draft with the link the API hands out.
func (a *Person) Uploads(name string, body []byte) *Person { return a.UploadsFiles(Bytes(name, body)) }

// UploadsFiles puts files into the draft.
func (a *Person) UploadsFiles(files ...File) *Person {
	if a.draftLink == "" {
		a.draftLink = string(a.link())
	}
	for _, f := range files {
		status, code, err := a.Cloud.put(a.ctx, link(a.draftLink), f)
		a.must(err)
		a.Holds(status == http.StatusCreated, "upload of %q is answered with %d %s", shortened(f.Name), status, code)
		a.files = slices.DeleteFunc(a.files, func(old File) bool { return old.Name == f.Name })
		a.files = append(a.files, f)
		if len(files) <= 3 {
			a.tell("", a.Persona, "uploads %s (%s) with the link", shortened(f.Name), sizeOf(f.Size))
		}
	}
	if len(files) > 3 {
		a.tell("", a.Persona, "uploads %d files with the link", len(files))
	}
	return a
}

// Overwrites replaces a file of the draft behind the back of what was submitted: with the old link, if it still works.
func (a *Person) Overwrites(name string, body []byte) (done bool) {
	status, _, err := a.Cloud.put(a.ctx, link(a.draftLink), Bytes(name, body))
	a.must(err)
	return status == http.StatusCreated
}

// Reads asks for a link and finds the uploaded files behind it, byte by byte. The link must be good for nothing else.
func (a *Person) Reads() *Person {
	l := a.link()
	a.holdsUploads(l)
	a.mayOnlyRead(l)
	a.tell("", a.Persona, "reads %s with a link that can do nothing else: identical", a.filesInWords())
	return a
}

// ReadsOneByOne asks for a link to each file. Each link reads its file and nothing else, and the trail names the file.
func (a *Person) ReadsOneByOne() *Person {
	for i, f := range a.files {
		var got struct{ FileURL string }
		a.must(a.wants(http.StatusOK, http.MethodPost, a.path("/link"), nil, map[string]string{"file": f.Name}).Into(&got))
		sum, size, status, err := a.Cloud.fetchedFrom(a.ctx, got.FileURL)
		a.must(err)
		a.Holds(status == http.StatusOK && size == f.Size && sum == f.SHA256(), "the link to %q does not read it: %d, %d bytes of %d", shortened(f.Name), status, size, f.Size)
		account, _, _ := strings.Cut(got.FileURL, a.ID)
		_, signature, _ := strings.Cut(got.FileURL, "?")
		other := link(account + a.ID + "?" + signature)
		_, _, status, err = a.Cloud.fetched(a.ctx, other, a.files[(i+1)%len(a.files)].Name)
		a.must(err)
		a.Holds(status == http.StatusForbidden || len(a.files) == 1, "the link to %q reads another file: %d", shortened(f.Name), status)
		_, status, err = a.Cloud.listed(a.ctx, other)
		a.must(err)
		a.Holds(status == http.StatusForbidden, "the link to %q lists the container: %d", shortened(f.Name), status)
		status, _, err = a.Cloud.status(a.ctx, http.MethodDelete, got.FileURL, nil, 0, nil)
		a.must(err)
		a.Holds(status == http.StatusForbidden, "the link to %q deletes it: %d", shortened(f.Name), status)
	}
	a.tell("", a.Persona, "reads %s one by one, each with a link of its own", a.filesInWords())
	return a
}

// Keeps asks for a link and returns how to look later what it is still good for.
func (a *Person) Keeps() func() (status int) {
	l := a.link()
	return func() int {
		_, status, err := a.Cloud.listed(a.ctx, l)
		a.must(err)
		return status
	}
}

func (a *Person) holdsUploads(l link) {
	names, status, err := a.Cloud.listed(a.ctx, l)
	a.must(err)
	a.Holds(status == http.StatusOK, "the link's container cannot be listed: %d", status)
	var want []string
	for _, f := range a.files {
		want = append(want, f.Name)
	}
	slices.Sort(want)
	slices.Sort(names)
	a.Holds(slices.Equal(want, names), "behind the link are %q, uploaded were %q", names, want)
	for _, f := range a.files {
		sum, size, status, err := a.Cloud.fetched(a.ctx, l, f.Name)
		a.must(err)
		a.Holds(status == http.StatusOK, "%q cannot be downloaded: %d", shortened(f.Name), status)
		a.Holds(size == f.Size && sum == f.SHA256(), "%q is not what was uploaded: %d bytes of %d", shortened(f.Name), size, f.Size)
	}
}

// mayOnlyRead tries the calls that a read link must not allow.
func (a *Person) mayOnlyRead(l link) {
	name := a.files[0].Name
	text := []byte("not by a read link")
	tries := map[string]struct {
		method, address string
		header          http.Header
		body            []byte
	}{
		"write":            {http.MethodPut, l.blob("planted.txt", ""), http.Header{"x-ms-blob-type": {"BlockBlob"}}, text},
		"overwrite":        {http.MethodPut, l.blob(name, ""), http.Header{"x-ms-blob-type": {"BlockBlob"}}, text},
		"write a block":    {http.MethodPut, l.blob(name, "comp=block&blockid=AAAA&"), nil, text},
		"delete":           {http.MethodDelete, l.blob(name, ""), nil, nil},
		"set metadata":     {http.MethodPut, l.blob(name, "comp=metadata&"), http.Header{"x-ms-meta-a": {"b"}}, nil},
		"delete container": {http.MethodDelete, string(l) + "&restype=container", nil, nil},
	}
	for what, try := range tries {
		status, _, err := a.Cloud.status(a.ctx, try.method, try.address, try.header, int64(len(try.body)), bytes.NewReader(try.body))
		a.must(err)
		a.Holds(status == http.StatusForbidden, "a read link can %s: %d", what, status)
	}
}
