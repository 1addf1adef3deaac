package gate

import "time"

// Task lists the files for a gate, as GET …/gates/{gate} answers it.
type Task struct {
	RequestID     string    `json:"requestId"`
	WorkspaceID   string    `json:"workspaceId"`
	Type          string    `json:"type"` // import or export
	Gate          string    `json:"gate"`
	Status        string    `json:"status"`
	ContentDigest string    `json:"contentDigest"`
	Deadline      time.Time `json:"deadline"`
	Attempt       int       `json:"attempt"`
	Files         []File    `json:"files"`
}

// atWork is the status of a task that waits for a verdict.
const atWork = "running"

// File is a file of a task.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size,omitempty"`
	ETag   string `json:"etag,omitempty"`
	SHA256 string `json:"sha256,omitempty"` // lower-case hex; absent above the limit for hashing
}

// Outcome is the word of a verdict.
type Outcome string

// The outcomes.
const (
	Passed       Outcome = "passed"
	Findings     Outcome = "findings"     // reviewers acknowledge them
	Blocked      Outcome = "blocked"      // the files must not go on
	Inconclusive Outcome = "inconclusive" // the engine cannot say
)

// Engine says what looked.
type Engine struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Rules   string `json:"rules,omitempty"`
}

// Finding is a hit of one of the engine's rules in a file. It holds no data of the file.
type Finding struct {
	Rule     string `json:"rule"`     // ^[a-z][a-z0-9_.-]{1,63}$
	Severity string `json:"severity"` // high, medium, low or note
	File     string `json:"file"`
	Place    *Place `json:"place,omitempty"`
	Count    int64  `json:"count,omitempty"`
	Message  string `json:"message,omitempty"` // one line of at most 200 characters, without data
}

// Place is where a finding is, in numbers: from 1, bytes from 0.
type Place struct {
	Part   int   `json:"part,omitempty"`
	Line   int64 `json:"line,omitempty"`
	Column int64 `json:"column,omitempty"`
	Offset int64 `json:"offset,omitempty"`
	Length int64 `json:"length,omitempty"`
}

// Verdict is the body of a gate's PUT.
type Verdict struct {
	ContentDigest string    `json:"contentDigest"`
	Outcome       Outcome   `json:"outcome"`
	Engine        Engine    `json:"engine"`
	StartedAt     time.Time `json:"startedAt"`
	FinishedAt    time.Time `json:"finishedAt"`
	Files         []File    `json:"files"`
	Findings      []Finding `json:"findings,omitempty"`
}
