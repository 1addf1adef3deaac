package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"example.org/airlock/client"
	"example.org/airlock/client/blobs"
)

// Pauses between two tries at a task that met trouble.
const (
	firstPause = time.Second
	maxPause   = time.Minute
)

// work judges a task until it has a verdict, is no longer this gate's business, or ctx
// ends. The airlock asks again for lost work.
func (g *Gate) work(ctx context.Context, a ask) {
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		done, err := g.try(ctx, a)
		if done {
			if err != nil {
				g.Log.InfoContext(ctx, "a task is left alone", "request", a.request, "gate", a.gate, "why", err.Error())
			}
			return
		}
		g.Log.WarnContext(ctx, "a task is tried again", "request", a.request, "gate", a.gate, "after", pause.String(), "error", err.Error())
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// try judges a task once. It reports whether there is nothing more to do.
func (g *Gate) try(ctx context.Context, a ask) (done bool, err error) {
	var task Task
	if err := g.call(ctx, http.MethodGet, a.path(), nil, &task); err != nil {
		return ends(err), err
	}
	switch {
	case task.Status != atWork:
		return true, fmt.Errorf("the gate is not at work, but %s", task.Status)
	case !time.Now().Before(task.Deadline):
		return true, errors.New("its deadline is over")
	}
	ctx, cancel := context.WithDeadline(ctx, task.Deadline)
	defer cancel()
	verdict, err := g.judge(ctx, a, task)
	if err != nil {
		return ends(err), err
	}
	err = g.call(ctx, http.MethodPut, a.path()+"/verdict", verdict, nil)
	if problem, ok := errors.AsType[*client.Problem](err); ok && problem.Code == "other_bytes" {
		return false, err // they are judged anew
	}
	return err == nil || ends(err), err
}

// ends reports whether an error will be the same next time: the service understood the
// call and does not want it.
func ends(err error) bool {
	problem, ok := errors.AsType[*client.Problem](err)
	return ok && problem.Status >= 400 && problem.Status < 500 && problem.Status != http.StatusTooManyRequests && problem.Status != http.StatusConflict
}

func (g *Gate) call(ctx context.Context, method, path string, body, into any) error {
	answer, err := g.API.Do(ctx, client.Call{Method: method, Path: path, Body: body})
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(answer.Raw, into)
}

// judge downloads the files of a task and has the engine look at them. Files that are not
// the task's are an error: the task is read anew.
func (g *Gate) judge(ctx context.Context, a ask, task Task) (Verdict, error) {
	v := Verdict{ContentDigest: task.ContentDigest, Engine: g.Engine, StartedAt: time.Now().UTC(), Files: task.Files}
	dir, err := os.MkdirTemp(g.Folder, "task-")
	if err != nil {
		return v, err
	}
	defer os.RemoveAll(dir)
	local, err := g.download(ctx, a, task, dir)
	if err != nil {
		return v, err
	}
	said, err := g.Judge(ctx, local)
	if ctx.Err() != nil {
		return v, ctx.Err()
	}
	if err != nil {
		g.Log.ErrorContext(ctx, "the engine failed", "request", a.request, "gate", a.gate, "error", err.Error())
		said = Judgement{Outcome: Inconclusive}
	}
	v.Outcome, v.Findings, v.FinishedAt = said.Outcome, said.Findings, time.Now().UTC()
	return v, nil
}

// download writes the files of a task to numbers: their names are the requestor's
// choice.
func (g *Gate) download(ctx context.Context, a ask, task Task, dir string) ([]Local, error) {
	from, err := blobs.Open(ctx, g.Transport, func(ctx context.Context) (blobs.Link, error) {
		var link struct {
			ContainerURL string    `json:"containerUrl"`
			Expires      time.Time `json:"expires"`
		}
		err := g.call(ctx, http.MethodPost, a.path()+"/link", struct{}{}, &link)
		return blobs.Link{URL: link.ContainerURL, Expires: link.Expires}, err
	})
	if err != nil {
		return nil, err
	}
	var local []Local
	for i, f := range task.Files {
		path := filepath.Join(dir, strconv.Itoa(i+1))
		if err := fetch(ctx, from, f, path); err != nil {
			return nil, err
		}
		local = append(local, Local{File: f, Path: path})
	}
	return local, nil
}

func fetch(ctx context.Context, from *blobs.Container, f File, path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = from.Fetch(ctx, blobs.Wanted{Name: f.Name, Size: f.Size, SHA256: f.SHA256}, file, nil)
	return errors.Join(err, file.Close())
}
