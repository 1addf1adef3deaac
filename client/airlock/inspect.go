package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"example.org/airlock/client/blobs"
	"example.org/airlock/handler/inspect"
)

// found is a finding in one file, as check shows it.
type found struct {
	File string `json:"file"`
	inspect.Judged
	Message string `json:"message"`
}

// contentGate is an inspection of what is inside files.
type contentGate struct {
	rules    inspect.RuleSet
	limits   inspect.Limits
	required bool // it holds a request up; else its findings are advice
}

// look inspects files as the service does, step by step, in this process. Those in the
// folder of supporting files, "" for none, are not to be released.
func (g contentGate) look(ctx context.Context, files []blobs.Source, supporting string) ([]found, error) {
	parts := make([]inspect.Part, len(files))
	session := false
	for i, f := range files {
		report, err := inspectFile(ctx, f, g.limits)
		if err != nil {
			return nil, err
		}
		parts[i] = inspect.Part{Name: f.Name, Supporting: supporting != "" && strings.HasPrefix(f.Name, supporting), Report: report}
		session = session || report.Ties != nil && report.Ties.Session != nil
	}
	for i, f := range files {
		if !session { // nobody asks for checksums
			break
		}
		sum, err := checksum(ctx, f)
		if err != nil {
			return nil, err
		}
		parts[i].SHA256 = sum
	}
	var all []found
	for i, report := range inspect.Join(parts) {
		for _, one := range g.rules.Apply(report) {
			all = append(all, found{File: files[i].Name, Judged: one, Message: findingText(one)})
		}
	}
	return all, nil
}

func inspectFile(ctx context.Context, s blobs.Source, limits inspect.Limits) (inspect.Report, error) {
	disk, err := os.Open(s.Path)
	if err != nil {
		return inspect.Report{}, err
	}
	defer disk.Close()
	src := inspect.Cached(diskFile{disk, s.Size})
	file := inspect.NewFile(s.Name, s.Size, limits)
	for {
		done, err := file.Step(src, func() bool { return ctx.Err() != nil })
		if err != nil {
			return inspect.Report{}, fmt.Errorf("%s cannot be read: %w", s.Path, err)
		}
		if ctx.Err() != nil {
			return inspect.Report{}, ctx.Err()
		}
		if done {
			return file.Report(), nil
		}
	}
}

// checksum is the SHA-256 of a file, lower-case hex.
func checksum(ctx context.Context, s blobs.Source) (string, error) {
	disk, err := os.Open(s.Path)
	if err != nil {
		return "", err
	}
	defer disk.Close()
	h := sha256.New()
	for {
		n, err := io.CopyN(h, disk, 16<<20)
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case errors.Is(err, io.EOF):
			return hex.EncodeToString(h.Sum(nil)), nil
		case err != nil:
			return "", fmt.Errorf("%s cannot be read after %d bytes: %w", s.Path, n, err)
		}
	}
}

// diskFile is a file on disk with the size that it had when it was found.
type diskFile struct {
	*os.File
	size int64
}

// Size implements inspect.Source.
func (d diskFile) Size() int64 { return d.size }

// findingText says a finding in one line: what it is, where, and what can be done.
func findingText(j inspect.Judged) string {
	rule, ok := inspect.RuleOf(j.Rule)
	if !ok {
		rule.Title = j.Rule
	}
	text := rule.Title
	if j.Bucket != "" {
		text += " (" + j.Bucket + ")"
	}
	if j.Count > 1 {
		text += fmt.Sprintf(", %d times", j.Count)
	}
	if len(j.Facts) > 0 {
		text += " (" + j.Facts.String() + ")"
	}
	if len(j.Places) > 0 {
		if where := placeText(j.Places[0]); where != "" {
			text += ", " + map[bool]string{true: "first ", false: ""}[j.Count > 1] + where
		}
	}
	if rule.Advice != "" {
		text += ". " + rule.Advice
	}
	return text
}

func placeText(p inspect.Place) string {
	var parts []string
	if len(p.Members) > 0 {
		parts = append(parts, strings.Trim(fmt.Sprint("in member ", p.Members[len(p.Members)-1]+1), "[]"))
	}
	if p.Part > 0 {
		parts = append(parts, fmt.Sprintf("part %d", p.Part))
	}
	if p.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", p.Line))
	}
	if p.Column > 0 {
		parts = append(parts, fmt.Sprintf("column %d", p.Column))
	}
	if len(parts) == 0 && p.Offset > 0 {
		parts = append(parts, fmt.Sprintf("byte %d", p.Offset))
	}
	return strings.Join(parts, ", ")
}

// add puts a finding into a result.
func (r *result) add(f found) error {
	raw, err := json.Marshal(f)
	if err != nil {
		return err
	}
	r.objects, r.ids = append(r.objects, raw), append(r.ids, f.File)
	r.table.add(f.File, f.Rule, string(f.Action), f.Message)
	return nil
}
