package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"

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
	quiet           bool // a table of what was sent follows
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
	if s := airlock.Status(e.Request.Status); !s.Open() {
		return fail(exitFailed, "files can be uploaded to a draft only; this request is %s", words(e.Request.Status))
	}
	there, err := a.api.Files(ctx, r)
	if err != nil {
		return err
	}
	set, err := a.sending(ctx, r.Workspace, e.Request.Type, paths, there)
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
	o.quiet = a.tableOnTerminal()
	res, err := a.send(ctx, r, set, o)
	if err != nil {
		return err
	}
	return a.show(res)
}

// sending finds files and holds them against the workspace's rules, so that nobody
// uploads files for an hour that cannot be submitted.
func (a *app) sending(ctx context.Context, workspace, direction string, paths []string, there []client.File) (sending, error) {
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
	if broken := brokenRules(direction, files, there, p); len(broken) > 0 {
		a.violations(broken)
		return sending{}, fail(exitViolated, "the workspace does not take these files; nothing was sent")
	}
	a.sayWhatStays(files, there)
	return sending{files}, nil
}

// sayWhatStays tells of files that go beside one of the same name in a folder: who mends
// a returned request most likely meant to replace that.
func (a *app) sayWhatStays(files []blobs.Source, there []client.File) {
	for _, f := range files {
		for _, old := range there {
			sent := slices.ContainsFunc(files, func(s blobs.Source) bool { return s.Name == old.Name })
			if !sent && path.Base(old.Name) == path.Base(f.Name) {
				a.say("%s is sent beside %s, which stays. To replace that, upload its folder with --replace; to remove it: `airlock files @last --remove %s`", f.Name, old.Name, old.Name)
			}
		}
	}
}

// brokenRules are the workspace's rules that files break, by the service's own code.
// there are files that the draft has already.
func brokenRules(direction string, files []blobs.Source, there []client.File, p airlock.Policy) []client.Violation {
	var all []airlock.Blob
	for _, f := range files {
		all = append(all, airlock.Blob{Name: f.Name, Size: f.Size, Type: airlock.BlockBlob})
	}
	for _, f := range there {
		if !slices.ContainsFunc(files, func(s blobs.Source) bool { return s.Name == f.Name }) {
			all = append(all, airlock.Blob{Name: f.Name, Size: f.Size, Type: airlock.BlockBlob})
		}
	}
	var out []client.Violation
	for _, v := range airlock.CheckFiles(airlock.RequestType(direction), all, p) {
		out = append(out, client.Violation{Rule: v.Rule, File: v.File, Message: v.Message})
	}
	return out
}

// numbered is how the service names a file of an export: by its number and a digest.
var numbered = regexp.MustCompile(`file \d+ \(([0-9a-f]{8})\)`)

// named puts names back into violations, of which whoever has the files knows the
// digests.
func named(broken []client.Violation, files []client.File) []client.Violation {
	names := map[string]string{}
	for _, f := range files {
		names[airlock.NameDigest(f.Name)] = f.Name
	}
	name := func(label string) string { return first(names[numbered.FindStringSubmatch(label)[1]], label) }
	for i := range broken {
		broken[i].File = numbered.ReplaceAllStringFunc(broken[i].File, name)
		broken[i].Message = numbered.ReplaceAllStringFunc(broken[i].Message, name)
	}
	return broken
}

// container opens a request's container, with links that are fetched as they are needed.
func (a *app) container(ctx context.Context, r client.Ref) (*blobs.Container, error) {
	return blobs.Open(ctx, a.transport, a.links(r, ""))
}

// links fetches links to a request's files, or to one of them.
func (a *app) links(r client.Ref, file string) func(context.Context) (blobs.Link, error) {
	return func(ctx context.Context) (blobs.Link, error) {
		l, err := a.api.Link(ctx, r, file)
		return blobs.Link{URL: l.URL, Expires: l.Expires}, err
	}
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
		if o.quiet && how == "Uploaded" {
			continue
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
	if len(remove) > 0 && !airlock.Status(e.Request.Status).Open() {
		return fail(exitFailed, "files can be removed from a draft only; this request is %s", words(e.Request.Status))
	}
	if len(remove) > 0 {
		in, err := a.container(ctx, r)
		if err != nil {
			return err
		}
		for _, name := range remove {
			if err := in.Delete(ctx, name); err != nil {
				return err
			}
		}
	}
	files, err := a.api.Files(ctx, r)
	if err != nil {
		return err
	}
	for _, f := range files {
		raw, err := json.Marshal(map[string]any{"name": f.Name, "size": f.Size, "sha256": f.SHA256})
		if err != nil {
			return err
		}
		res.objects, res.ids = append(res.objects, raw), append(res.ids, f.Name)
		res.table.add(f.Name, size(f.Size), f.SHA256)
	}
	if len(files) == 0 {
		a.say("The request has no files yet; `airlock upload @last PATH...` sends some.")
	}
	return a.show(res)
}
