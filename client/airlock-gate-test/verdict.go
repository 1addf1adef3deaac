package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// verdict is the body of a gate's PUT.
type verdict struct {
	ContentDigest string  `json:"contentDigest"`
	Outcome       string  `json:"outcome"`
	Engine        *engine `json:"engine"`
	StartedAt     *string `json:"startedAt"`
	FinishedAt    *string `json:"finishedAt"`
	Files         []struct {
		Name   *string `json:"name"`
		Size   int64   `json:"size"`
		ETag   string  `json:"etag"`
		SHA256 string  `json:"sha256"`
	} `json:"files"`
	Findings []finding `json:"findings"`
}

type engine struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Rules   string `json:"rules"`
}

type finding struct {
	Rule     string  `json:"rule"`
	Severity string  `json:"severity"`
	File     *string `json:"file"`
	Count    *int64  `json:"count"`
	Message  string  `json:"message"`
	Place    *struct {
		Part, Line, Column, Offset, Length int64
	} `json:"place"`
}

// Bounds of a verdict.
const (
	maxVerdict  = 4 << 20
	maxFindings = 5000
	maxFiles    = 500
	maxMessage  = 200
)

var (
	ruleName    = regexp.MustCompile(`^[a-z][a-z0-9_.-]{1,63}$`)
	engineName  = regexp.MustCompile(`^[A-Za-z0-9._-]{1,40}$`)
	engineWord  = regexp.MustCompile(`^[A-Za-z0-9._-]{0,40}$`)
	engineRules = regexp.MustCompile(`^[A-Za-z0-9._-]{0,80}$`)
)

// readVerdict reads a body. why says what is wrong with it, "" for nothing.
func readVerdict(body []byte) (v verdict, why string) {
	if err := json.Unmarshal(body, &v); err != nil {
		return v, "it is not the JSON of a verdict: " + err.Error()
	}
	var faults []string
	wrong := func(is bool, format string, args ...any) {
		if is {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	wrong(!slices.Contains([]string{"passed", "findings", "blocked", "inconclusive"}, v.Outcome), "outcome %q is not passed, findings, blocked or inconclusive", v.Outcome)
	wrong(v.ContentDigest == "" || len(v.ContentDigest) > 100, "contentDigest is missing, or too long")
	if v.Engine == nil {
		faults = append(faults, "engine is missing")
	} else {
		wrong(!engineName.MatchString(v.Engine.Name), "engine.name has 1 to 40 letters, digits, dots, hyphens and underscores")
		wrong(!engineWord.MatchString(v.Engine.Version), "engine.version has at most 40 letters, digits, dots, hyphens and underscores")
		wrong(!engineRules.MatchString(v.Engine.Rules), "engine.rules has at most 80 letters, digits, dots, hyphens and underscores")
	}
	for _, when := range []*string{v.StartedAt, v.FinishedAt} {
		if when != nil {
			_, err := time.Parse(time.RFC3339, *when)
			wrong(err != nil, "%q is no time like 2026-01-02T03:04:05Z", *when)
		}
	}
	wrong(v.Files == nil, "files is missing")
	wrong(len(v.Files) > maxFiles, "there are more than %d files", maxFiles)
	wrong(len(v.Findings) > maxFindings, "there are more than %d findings", maxFindings)
	for i, f := range v.Files {
		wrong(f.Name == nil, "files[%d] has no name", i)
	}
	for i, f := range v.Findings {
		wrong(!ruleName.MatchString(f.Rule), "findings[%d].rule %q is not like dlp.person", i, f.Rule)
		wrong(!slices.Contains([]string{"high", "medium", "low", "note"}, f.Severity), "findings[%d].severity %q is not high, medium, low or note", i, f.Severity)
		wrong(f.File == nil || len([]rune(*f.File)) > 1024, "findings[%d].file is missing, or too long", i)
		wrong(f.Count != nil && *f.Count < 1, "findings[%d].count is below 1", i)
		wrong(len([]rune(f.Message)) > maxMessage, "findings[%d].message has more than %d characters", i, maxMessage)
		if p := f.Place; p != nil {
			wrong(min(p.Part, p.Line, p.Column, p.Offset, p.Length) < 0, "findings[%d].place has a negative number", i)
		}
	}
	return v, strings.Join(faults[:min(len(faults), 5)], "; ")
}

// take judges a verdict about a request as the service does, and returns the answer: a
// status, the code of the problem, and why.
func (r *request) take(v verdict) (status int, code, why string) {
	for i, f := range v.Findings {
		if r.file(*f.File) == nil {
			return http.StatusUnprocessableEntity, "invalid_request", fmt.Sprintf("findings[%d].file: the task has no such file", i)
		}
	}
	if v.ContentDigest != r.digest() {
		return http.StatusConflict, "other_bytes", "contentDigest is not that of the task"
	}
	named := map[string]bool{}
	for _, f := range v.Files {
		known := r.file(*f.Name)
		switch {
		case known == nil:
			return http.StatusConflict, "other_bytes", "it names a file that the task does not have"
		case f.ETag != "" && f.ETag != known.etag:
			return http.StatusConflict, "other_bytes", "it names another ETag than the task"
		case f.SHA256 != known.sum():
			return http.StatusConflict, "other_bytes", "it names another SHA-256 than the task"
		}
		named[*f.Name] = true
	}
	outcome := v.Outcome
	if outcome != "blocked" && (len(named) != len(r.files) || len(v.Files) != len(r.files)) {
		outcome, why = "inconclusive", "it does not name every file once, so it counts as inconclusive"
	}
	if r.status != "running" && rank(outcome) <= rank(r.outcome) {
		return http.StatusGone, "gate_decided", "the gate was decided before"
	}
	r.status, r.outcome = outcome, outcome
	return http.StatusOK, "", why
}

// sameWord reports whether two verdicts say the same: when they were come to, and in which
// words their findings are told, makes no difference.
func sameWord(a, b verdict) bool {
	word := func(v verdict) string {
		v.StartedAt, v.FinishedAt, v.Findings = nil, nil, slices.Clone(v.Findings)
		for i := range v.Findings {
			v.Findings[i].Message = ""
		}
		text, err := json.Marshal(v)
		if err != nil {
			panic(err) // it was JSON
		}
		return string(text)
	}
	return word(a) == word(b)
}

// rank orders outcomes: of contradictory ones the graver holds.
func rank(outcome string) int {
	return slices.Index([]string{"", "inconclusive", "passed", "findings", "blocked"}, outcome)
}
