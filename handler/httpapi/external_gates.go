package httpapi

import (
	"context"
	"fmt"
	"slices"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/inspect"
	"example.org/airlock/handler/workflow"
)

// GatePath names a gate of a request.
type GatePath struct {
	RequestPath
	Gate string `path:"gate" minLength:"2" maxLength:"31" doc:"The gate."`
}

// GateTaskAnswer is the answer of GetGateTask.
type GateTaskAnswer struct{ Body GateTask }

// GateTask lists the files for an external gate.
type GateTask struct {
	RequestID     string     `json:"requestId" format:"uuid"`
	WorkspaceID   string     `json:"workspaceId" format:"uuid"`
	Type          string     `json:"type" enum:"import,export"`
	Gate          string     `json:"gate"`
	Status        string     `json:"status" enum:"waiting,running,passed,findings,returned,blocked,inconclusive"`
	ContentDigest string     `json:"contentDigest" doc:"What a verdict has to name: SHA-256 over a line for each file with name, NUL, size, NUL, sha256: and its hash, LF."`
	Deadline      time.Time  `json:"deadline"`
	Attempt       int        `json:"attempt" doc:"How often the gate was asked."`
	Files         []GateFile `json:"files" nullable:"false"`
}

// GateFile is a file as the gate has to see it.
type GateFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size,omitempty"`
	ETag   string `json:"etag,omitempty"`
	SHA256 string `json:"sha256,omitempty" doc:"Lower-case hex; absent above the limit for hashing."`
}

func (a *API) gateTask(ctx context.Context, c *call, in *GatePath) (*GateTaskAnswer, error) {
	r, g, err := a.config.Service.GateTask(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID), in.Gate)
	if err != nil {
		return nil, err
	}
	return &GateTaskAnswer{Body: taskView(r, g)}, nil
}

func taskView(r airlock.Request, g airlock.GateRun) GateTask {
	v := GateTask{RequestID: string(r.ID), WorkspaceID: string(r.Workspace), Type: string(r.Type), Gate: g.Policy.ID, Status: string(g.Status),
		ContentDigest: g.Digest, Deadline: rounded(g.Deadline), Attempt: g.Asked, Files: []GateFile{}}
	for _, f := range r.Files {
		v.Files = append(v.Files, GateFile{Name: f.Name, Size: f.Size, ETag: f.InProgressETag, SHA256: f.SHA256})
	}
	return v
}

// GateLinkInput is the input of IssueGateLink.
type GateLinkInput struct {
	GatePath
	Body *EmptyBody
}

func (a *API) gateLink(ctx context.Context, c *call, in *GateLinkInput) (*LinkAnswer, error) {
	link, err := a.config.Service.GateLink(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID), in.Gate)
	if err != nil {
		return nil, err
	}
	return &LinkAnswer{Body: SignedLink{ContainerURL: link.URL, Expires: link.Expires.UTC(), Permission: "read"}}, nil
}

// VerdictInput is the input of PutGateVerdict.
type VerdictInput struct {
	GatePath
	Body GateVerdict
}

// maxVerdictBody has room for the names of 500 files, the longest that a request can have,
// and for 5,000 findings in files with names of usual length.
const maxVerdictBody = 4 << 20

// GateVerdict is the word of an external gate.
type GateVerdict struct {
	ContentDigest string           `json:"contentDigest" maxLength:"100" doc:"Of the task that this is about."`
	Outcome       string           `json:"outcome" enum:"passed,findings,blocked,inconclusive"`
	Engine        GateEngine       `json:"engine"`
	StartedAt     *time.Time       `json:"startedAt,omitempty"`
	FinishedAt    *time.Time       `json:"finishedAt,omitempty"`
	Files         []GateFile       `json:"files" nullable:"false" maxItems:"500" doc:"Every file of the task, once; a verdict about some of them is inconclusive."`
	Findings      []VerdictFinding `json:"findings,omitempty" nullable:"false" maxItems:"5000"`
}

// GateEngine says what looked.
type GateEngine struct {
	Name    string `json:"name" pattern:"^[A-Za-z0-9._-]{1,40}$"`
	Version string `json:"version,omitempty" pattern:"^[A-Za-z0-9._-]{0,40}$"`
	Rules   string `json:"rules,omitempty" pattern:"^[A-Za-z0-9._-]{0,80}$"`
}

// VerdictFinding is a finding of an external gate. It must hold no data. Nobody can check the
// text of a message, so it is kept apart from the evidence, where it can be erased.
type VerdictFinding struct {
	Rule     string        `json:"rule" pattern:"^[a-z][a-z0-9_.-]{1,63}$"`
	Severity string        `json:"severity" enum:"high,medium,low,note"`
	File     string        `json:"file" maxLength:"1024" doc:"One of the task's."`
	Place    *VerdictPlace `json:"place,omitempty"`
	Count    int64         `json:"count,omitempty" minimum:"1" default:"1"`
	Message  string        `json:"message,omitempty" maxLength:"200" doc:"One line for the requestor and the reviewers, without data of the file. It is forgotten after fourteen days."`
}

// VerdictPlace is where a finding is, in numbers.
type VerdictPlace struct {
	Part   int   `json:"part,omitempty" minimum:"0"`
	Line   int64 `json:"line,omitempty" minimum:"0"`
	Column int64 `json:"column,omitempty" minimum:"0"`
	Offset int64 `json:"offset,omitempty" minimum:"0"`
	Length int64 `json:"length,omitempty" minimum:"0"`
}

func (a *API) gateVerdict(ctx context.Context, c *call, in *VerdictInput) (*GateTaskAnswer, error) {
	r, err := a.config.Service.GateSpeaks(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID), in.Gate, in.Body.word)
	if err != nil {
		return nil, err
	}
	g := r.Run(in.Gate)
	if g == nil { // another turn has begun, without this gate
		return nil, airlock.ErrGateDecided
	}
	return &GateTaskAnswer{Body: taskView(r, *g)}, nil
}

// word is the verdict as the workflow takes it. Error: *airlock.InvalidError.
func (v GateVerdict) word(r airlock.Request) (workflow.GateWord, error) {
	w := workflow.GateWord{Digest: v.ContentDigest, Outcome: airlock.GateStatus(v.Outcome), Engine: v.Engine.Name, Found: []airlock.FileFindings{}}
	for _, more := range []string{v.Engine.Version, v.Engine.Rules} {
		if more != "" {
			w.Engine += " " + more
		}
	}
	for _, f := range v.Files {
		w.Files = append(w.Files, workflow.GateFile{Name: f.Name, ETag: f.ETag, SHA256: f.SHA256})
	}
	action := map[string]inspect.Action{"findings": inspect.ActReview, "blocked": inspect.ActBlock}[v.Outcome]
	if action == "" {
		action = inspect.ActNote
	}
	numbers, at := map[string]int{}, map[string]int{}
	var messages [][]string // by file, as w.Found
	for i, f := range r.Files {
		numbers[f.Name] = i + 1
	}
	for i, f := range v.Findings {
		number := numbers[f.File]
		if number == 0 {
			return w, invalid(fmt.Sprintf("findings[%d].file", i), "unknown_file", "The task has no such file.")
		}
		if _, known := at[f.File]; !known {
			at[f.File] = len(w.Found)
			w.Found, messages = append(w.Found, airlock.FileFindings{File: number}), append(messages, nil)
		}
		to := at[f.File]
		w.Found[to].Findings, messages[to] = append(w.Found[to].Findings, f.judged(action)), append(messages[to], f.Message)
	}
	w.Messages = slices.Concat(messages...)
	return w, nil
}

func (f VerdictFinding) judged(action inspect.Action) inspect.Judged {
	one := inspect.Judged{Finding: inspect.Finding{Rule: f.Rule, Severity: inspect.Severity(f.Severity), Confidence: inspect.Sure, Count: max(f.Count, 1), Places: []inspect.Place{}}, Action: action}
	if p := f.Place; p != nil {
		one.Places = append(one.Places, inspect.Place{Part: p.Part, Line: p.Line, Column: p.Column, Offset: p.Offset, Length: p.Length})
	}
	return one
}
