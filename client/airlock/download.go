package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/airlock/client"
	"example.org/airlock/client/blobs"
	"example.org/airlock/handler/airlock"
)

// downloadOptions are the flags of download.
type downloadOptions struct {
	files    []string
	noVerify bool
	keys     string
}

func (a *app) downloadCommand() *cobra.Command {
	var o downloadOptions
	c := &cobra.Command{
		Use:   "download ID [DIR]",
		Short: "Download released files, verified against the signed receipt",
		Long: `Download the files of a request to DIR (default: here). Released files are compared, while
they arrive, with the receipt that the airlock signed; a file with one wrong byte is not
kept (exit code 11). Beside them lie the receipt (release.json) and SHA256SUMS.

Where the files are just being released, it waits for them.

Reviewers get the files of a request in review in the same way; there is no receipt yet, and
they are compared with the checksums that the airlock has on record.

Files named with --file come by a link of their own each; the audit trail says who got it.

Nothing is ever written outside DIR, and nothing that is there is overwritten.`,
		Example: `  airlock download @last released/
  airlock download 3f2a91 --file table1.csv
  airlock download @last released/ && (cd released && sha256sum -c SHA256SUMS)`,
		Args: cobra.RangeArgs(1, 2), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error {
			return a.download(c.Context(), args[0], strings.Join(args[1:], ""), o)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.files, "file", nil, "only this file (may be repeated)")
	f.BoolVar(&o.noVerify, "no-verify", false, "take the files without looking at the receipt")
	f.StringVar(&o.keys, "public-key", "", "file with the keys to believe (default: those that the airlock publishes)")
	return c
}

// releaseTime is how long a download waits for a release that is under way.
const releaseTime = 30 * time.Minute

func (a *app) download(ctx context.Context, id, dir string, o downloadOptions) error {
	r, err := a.requestOf(ctx, id)
	if err != nil {
		return err
	}
	e, _, err := a.api.Get(ctx, r, "")
	if err != nil {
		return err
	}
	if e.Request.Status == string(airlock.ApprovalInProgress) {
		a.say("The files are being released; this waits for them.")
		if e, err = a.await(ctx, r, e, waitOptions{status: settled, timeout: releaseTime}); err != nil {
			return err
		}
	}
	if e.Link == "" || airlock.Status(e.Request.Status).Open() {
		return notToDownload(e.Request)
	}
	wanted, stored, err := a.wanted(ctx, r, e.Request, o)
	if err != nil {
		return err
	}
	if wanted, err = chosen(wanted, o.files); err != nil {
		return err
	}
	for _, w := range wanted { // all names before the first byte
		if bad := blobs.CheckName(w.Name); bad != "" {
			return &blobs.NameError{Name: w.Name, Why: bad}
		}
	}
	from, err := a.sources(ctx, r, len(o.files) > 0)
	if err != nil {
		return err
	}
	to, err := blobs.OpenFolder(first(dir, "."))
	if err != nil {
		return err
	}
	defer to.Close()
	res, sums, err := a.receive(ctx, from, to, wanted)
	if err != nil {
		return err
	}
	if err := writeEvidence(to, wanted, stored, sums); err != nil {
		return err
	}
	if err := a.show(res); err != nil {
		return err
	}
	a.say("Downloaded to %s: %s, and SHA256SUMS.", first(dir, "."), fileCount(len(wanted)))
	return nil
}

// notToDownload says why somebody who sees a request gets no link to its files.
func notToDownload(q client.Request) error {
	s := airlock.Status(q.Status)
	switch {
	case s.Open():
		return fail(exitFailed, "nothing was released yet: the request is %s. `airlock files %s` lists what was uploaded", words(q.Status), q.ID)
	case !q.DataDeleted.IsZero():
		return fail(exitFailed, "there is nothing to download any more: the files were deleted on %s", moment(q.DataDeleted.Time))
	case s.Final() && s != airlock.Approved:
		return fail(exitFailed, "there is nothing to download: the request is %s", words(q.Status))
	case s == airlock.Approved:
		return fail(exitForbidden, "the files of this request are not for you, or not to be had from where you are; whoever made the request gets them")
	}
	return fail(exitForbidden, "you cannot have the files while the request is %s; `airlock watch %s` says when it goes on", words(q.Status), q.ID)
}

// wanted is a file to download, with the size and checksum it must have: by the receipt, or before there is
// one by what the airlock has on record.
func (a *app) wanted(ctx context.Context, r client.Ref, q client.Request, o downloadOptions) ([]blobs.Wanted, json.RawMessage, error) {
	var wanted []blobs.Wanted
	if q.Status == string(airlock.Approved) && !o.noVerify {
		stored, said, err := a.signedReceipt(ctx, r, o.keys)
		if err != nil {
			return nil, nil, err
		}
		a.say("The receipt is signed by the airlock.")
		for _, f := range said.Files {
			wanted = append(wanted, blobs.Wanted{Name: f.Name, Size: f.Size, SHA256: f.SHA256})
		}
		return wanted, stored, nil
	}
	if q.Status == string(airlock.InReview) {
		a.say("There is no signed receipt yet: the files are compared with the checksums on record.")
	}
	for _, f := range q.Files {
		wanted = append(wanted, blobs.Wanted{Name: f.Name, Size: f.Size, SHA256: f.SHA256})
	}
	if len(wanted) == 0 {
		return nil, nil, fail(exitFailed, "the request has no files to download: it is %s", words(q.Status))
	}
	return wanted, nil, nil
}

// chosen picks the files that were named.
func chosen(all []blobs.Wanted, names []string) ([]blobs.Wanted, error) {
	if len(names) == 0 {
		return all, nil
	}
	var some []blobs.Wanted
	for _, name := range names {
		i := slices.IndexFunc(all, func(w blobs.Wanted) bool { return w.Name == name })
		if i < 0 {
			return nil, fail(exitNotFound, "the request has no file %q; `airlock files` lists them", name)
		}
		some = append(some, all[i])
	}
	return some, nil
}

// sources is where each file comes from. Files that were named come by links of their
// own, and the audit trail says which were opened.
func (a *app) sources(ctx context.Context, r client.Ref, each bool) (func(name string) (*blobs.Container, error), error) {
	if each {
		return func(name string) (*blobs.Container, error) {
			return blobs.OpenFile(ctx, a.transport, name, a.links(r, name))
		}, nil
	}
	all, err := a.container(ctx, r)
	return func(string) (*blobs.Container, error) { return all, nil }, err
}

// receive downloads the files and returns the lines of SHA256SUMS.
func (a *app) receive(ctx context.Context, from func(name string) (*blobs.Container, error), to *blobs.Folder, wanted []blobs.Wanted) (result, string, error) {
	res := result{list: true, table: table{head: []string{"NAME", "SIZE", "SHA-256"}, elastic: 2}}
	var total int64
	for _, w := range wanted {
		total += w.Size
	}
	bar := a.progress("Downloading", total)
	defer bar.end()
	sums := ""
	for _, w := range wanted {
		bar.next(w.Name)
		source, err := from(w.Name)
		if err != nil {
			return res, "", err
		}
		sum, err := source.Download(ctx, w, to, func(n int64) { bar.moved(n, true) })
		if err != nil {
			return res, "", err
		}
		raw, err := json.Marshal(map[string]any{"name": w.Name, "size": w.Size, "sha256": sum, "verified": w.SHA256 != ""})
		if err != nil {
			return res, "", err
		}
		res.objects, res.ids = append(res.objects, raw), append(res.ids, w.Name)
		res.table.add(w.Name, size(w.Size), sum)
		sums += fmt.Sprintf("%s  %s\n", sum, w.Name)
		if w.SHA256 == "" {
			bar.line(fmt.Sprintf("%s: above the workspace's limit for hashing; only its size could be compared", w.Name))
		}
	}
	return res, sums, nil
}

// writeEvidence writes SHA256SUMS and the receipt, under names that no file has.
func writeEvidence(to *blobs.Folder, wanted []blobs.Wanted, stored json.RawMessage, sums string) error {
	free := func(name string) string {
		for slices.ContainsFunc(wanted, func(w blobs.Wanted) bool { return strings.EqualFold(w.Name, name) }) {
			name = "airlock-" + name
		}
		return name
	}
	err := to.Write(free("SHA256SUMS"), []byte(sums))
	if stored != nil {
		err = errors.Join(err, to.Write(free("release.json"), stored))
	}
	return err
}
