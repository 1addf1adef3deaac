package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.org/airlock/client"
	"example.org/airlock/client/blobs"
	"example.org/airlock/handler/airlock"
)

// uploadOptions are the flags of upload.
type uploadOptions struct {
	parallel        int
	replace, dryRun bool
}

func (o *uploadOptions) flags(f *pflag.FlagSet) {
	f.IntVar(&o.parallel, "parallel", 4, "blocks under way at once, 1 to 32")
	f.BoolVar(&o.replace, "replace", false, "replace files that the request has already")
}

func (a *app) uploadCommand() *cobra.Command {
	var o uploadOptions
	c := &cobra.Command{
		Use:   "upload ID PATH...",
		Short: "Upload files to a draft",
		Long: `Upload files and folders to a draft. A file keeps its name; the files of a folder keep the
folder's name before theirs. Files that computers leave by themselves (.DS_Store and the
like) are left out.

If it is interrupted, repeat the command: it goes on with the parts that are missing, and
sends nothing again that has arrived. Every part is sent with its checksum; the SHA-256 of
each file is printed, and the airlock shows its own after submit.`,
		Example: `  airlock upload @last results/table1.csv results/fig2.png
  airlock upload @last results/ --dry-run
  airlock upload 3f2a91 big.bam --parallel 8`,
		Args: cobra.MinimumNArgs(2), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error { return a.upload(c.Context(), args[0], args[1:], o) },
	}
	o.flags(c.Flags())
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "check names and sizes and send nothing")
	return c
}

// sending is a set of files to send, found and checked.
type sending struct{ files []blobs.Source }

func (s sending) bytes() (n int64) {
	for _, f := range s.files {
		n += f.Size
	}
	return n
}

func (a *app) upload(ctx context.Context, id string, paths []string, o uploadOptions) error {
	r, err := a.requestOf(ctx, id)
	if err != nil {
		return err
	}
	e, _, err := a.api.Get(ctx, r, "")
	if err != nil {
		return err
	}
	set, err := a.sending(ctx, r.Workspace, e.Request.Type, paths)
	if err != nil {
		return err
	}
	if o.dryRun {
		res := result{list: true, table: table{head: []string{"NAME", "SIZE", "FROM"}, elastic: 2}}
		for _, f := range set.files {
			raw, err := json.Marshal(map[string]any{"name": f.Name, "size": f.Size, "path": f.Path})
			if err != nil {
				return err
			}
			res.objects, res.ids = append(res.objects, raw), append(res.ids, f.Name)
			res.table.add(f.Name, size(f.Size), f.Path)
		}
		return a.show(res)
	}
	res, err := a.send(ctx, r, set, o)
	if err != nil {
		return err
	}
	return a.show(res)
}

// sending finds files and holds them against the workspace's rules, so that nobody
// uploads for an hour what cannot be submitted.
func (a *app) sending(ctx context.Context, workspace, direction string, paths []string) (sending, error) {
	files, leftOut, err := blobs.Sources(paths)
	if err != nil {
		return sending{}, &exitError{exitUsage, err}
	}
	for _, name := range leftOut {
		a.say("Left out: %s", name)
	}
	w, err := a.workspaceNamed(ctx, workspace)
	if err != nil {
		return sending{}, err
	}
	p, err := policyOf(w)
	if err != nil {
		return sending{}, err
	}
	if broken := brokenRules(direction, files, p); len(broken) > 0 {
		a.violations(broken)
		return sending{}, fail(exitViolated, "the workspace does not take these files; nothing was sent")
	}
	return sending{files}, nil
}

// brokenRules are the workspace's rules that files break, by the service's own code.
func brokenRules(direction string, files []blobs.Source, p airlock.Policy) []client.Violation {
	var all []airlock.Blob
	var names []string
	for _, f := range files {
		all = append(all, airlock.Blob{Name: f.Name, Size: f.Size, Type: airlock.BlockBlob})
		names = append(names, f.Name)
	}
	_, broken := airlock.NewManifest(airlock.RequestType(direction), all, p)
	var out []client.Violation
	for _, v := range broken {
		out = append(out, client.Violation{Rule: v.Rule, File: v.File, Message: v.Message})
	}
	return named(out, names)
}

// named puts names back into violations: the service names files of an export by a
// number and a digest, and whoever has the files knows which those are.
func named(broken []client.Violation, names []string) []client.Violation {
	for i := range broken {
		for n, name := range names {
			label := fmt.Sprintf("file %d (%s)", n+1, airlock.NameDigest(name))
			broken[i].File = strings.ReplaceAll(broken[i].File, label, name)
			broken[i].Message = strings.ReplaceAll(broken[i].Message, label, name)
		}
	}
	return broken
}

// open opens a request's container with links that are fetched as they are needed.
func (a *app) container(ctx context.Context, r client.Ref) (*blobs.Container, error) {
	return blobs.Open(ctx, a.transport, func(ctx context.Context) (blobs.Link, error) {
		l, err := a.api.Link(ctx, r, "")
		return blobs.Link{URL: l.URL, Expires: l.Expires}, err
	})
}

// send uploads files one after the other.
func (a *app) send(ctx context.Context, r client.Ref, set sending, o uploadOptions) (result, error) {
	res := result{list: true, table: table{head: []string{"NAME", "SIZE", "SHA-256"}, elastic: 2}}
	if o.parallel < 1 || o.parallel > 32 {
		return res, wrongUsage("--parallel is a number from 1 to 32")
	}
	into, err := a.container(ctx, r)
	if err != nil {
		return res, err
	}
	bar := a.progress("Uploading", set.bytes())
	defer bar.end()
	for _, f := range set.files {
		bar.next(f.Name)
		done, err := into.Upload(ctx, f, blobs.Uploader{Parallel: o.parallel, Replace: o.replace, Moved: func(n int64, sent bool) { bar.moved(n, sent) }})
		if err != nil {
			bar.end()
			if ctx.Err() == nil && codeOf(err) != exitChanged {
				a.say("Not all of %s has arrived. Repeat the command to go on where it stopped.", f.Name)
			}
			return res, err
		}
		raw, err := json.Marshal(done)
		if err != nil {
			return res, err
		}
		res.objects, res.ids = append(res.objects, raw), append(res.ids, done.Name)
		res.table.add(done.Name, size(done.Size), done.SHA256)
		how := "Uploaded"
		if done.Sent == 0 && done.Size > 0 {
			how = "Already there"
		}
		bar.line(fmt.Sprintf("%s: %s  %s  sha256 %s", how, done.Name, size(done.Size), done.SHA256))
	}
	return res, nil
}

func (a *app) filesCommand() *cobra.Command {
	remove := []string{}
	c := &cobra.Command{
		Use:   "files ID",
		Short: "List the files of a request, or remove some from a draft",
		Long: `List the files of a request: those of a draft as they lie in storage now, those of a
submitted request as they were sealed, with their checksums.`,
		Example: `  airlock files @last
  airlock files @last --remove notes.txt`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error { return a.files(c.Context(), args[0], remove) },
	}
	c.Flags().StringArrayVar(&remove, "remove", nil, "remove this file from the draft (may be repeated)")
	return c
}

func (a *app) files(ctx context.Context, id string, remove []string) error {
	r, err := a.requestOf(ctx, id)
	if err != nil {
		return err
	}
	e, _, err := a.api.Get(ctx, r, "")
	if err != nil {
		return err
	}
	res := result{list: true, table: table{head: []string{"NAME", "SIZE", "SHA-256"}, elastic: 0}}
	add := func(name string, n int64, sum string) error {
		raw, err := json.Marshal(map[string]any{"name": name, "size": n, "sha256": sum})
		res.objects, res.ids = append(res.objects, raw), append(res.ids, name)
		res.table.add(name, size(n), sum)
		return err
	}
	if !airlock.Status(e.Request.Status).Open() {
		if len(remove) > 0 {
			return &client.Problem{Status: http.StatusBadRequest, Code: client.CodeNotNow, Detail: "Files can be removed from a draft only"}
		}
		for _, f := range e.Request.Files {
			if err := add(f.Name, f.Size, f.SHA256); err != nil {
				return err
			}
		}
		return a.show(res)
	}
	in, err := a.container(ctx, r)
	if err != nil {
		return err
	}
	for _, name := range remove {
		if err := in.Delete(ctx, name); err != nil {
			return err
		}
	}
	stored, err := in.List(ctx)
	if err != nil {
		return err
	}
	for _, f := range stored {
		if err := add(f.Name, f.Size, ""); err != nil {
			return err
		}
	}
	if len(stored) == 0 {
		a.say("The draft has no files yet; `airlock upload @last PATH...` sends some.")
	}
	return a.show(res)
}
