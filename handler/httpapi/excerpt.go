package httpapi

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/workflow"
)

// ExcerptInput is the input of ReadExcerpt.
type ExcerptInput struct {
	RequestPath
	Gate   string `path:"gate" minLength:"2" maxLength:"31" doc:"The gate."`
	Number int    `path:"number" minimum:"1" maximum:"100000" doc:"The finding, as the findings number it."`
	Place  int    `query:"place" minimum:"1" maximum:"200" default:"1" doc:"Which of its places, from 1."`
}

// ExcerptAnswer is the answer of ReadExcerpt.
type ExcerptAnswer struct{ Body FindingExcerpt }

// FindingExcerpt is the bytes around a finding.
type FindingExcerpt struct {
	Offset int64  `json:"offset" doc:"Of the first byte in the file."`
	Length int    `json:"length" doc:"In bytes."`
	Text   string `json:"text" doc:"The bytes as text: what is none, or cannot be printed, is shown as \uFFFD."`
}

func (a *API) excerpt(ctx context.Context, c *call, in *ExcerptInput) (*ExcerptAnswer, error) {
	e, err := a.config.Service.Excerpt(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID), workflow.ExcerptAt{Gate: in.Gate, Finding: in.Number, Place: in.Place})
	if err != nil {
		return nil, err
	}
	return &ExcerptAnswer{Body: FindingExcerpt{Offset: e.Offset, Length: len(e.Bytes), Text: printable(e.Bytes)}}, nil
}

// printable makes bytes readable that may be anything.
func printable(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, strings.ToValidUTF8(string(b), string(utf8.RuneError)))
}
