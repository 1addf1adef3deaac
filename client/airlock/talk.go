package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"example.org/airlock/client"
)

// commentOptions are the flags of comment.
type commentOptions struct {
	text, textFile, file, retract string
	reviewers                     bool
}

func (a *app) commentCommand() *cobra.Command {
	var o commentOptions
	c := &cobra.Command{
		Use:   "comment ID",
		Short: "Comment on a request, or read the comments",
		Long: `Say something about a request, or about one of its files, or read what was said. Whoever made
the request and everybody who works on it read it; with --reviewers only reviewers do.`,
		Example: `  airlock comment @last
  airlock comment @last --text "Which cohort is this?"
  airlock comment 3f2a91 --file table1.csv --reviewers -F note.txt
  airlock comment 3f2a91 --retract 0f6c2c1e-…`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error { return a.comment(c.Context(), args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.text, "text", "", "what to say")
	f.StringVarP(&o.textFile, "text-file", "F", "", "file with what to say; - reads stdin")
	f.StringVar(&o.file, "file", "", "the file it is about")
	f.BoolVar(&o.reviewers, "reviewers", false, "only for reviewers to read")
	f.StringVar(&o.retract, "retract", "", "take back this comment of yours, by its id")
	return c
}

// said is a comment as the API shows it.
type said struct {
	ID         string      `json:"id"`
	Turn       int         `json:"turn"`
	Author     client.User `json:"author"`
	When       client.Time `json:"when"`
	Text       string      `json:"text"`
	File       string      `json:"file"`
	Visibility string      `json:"visibility"`
	Retracted  bool        `json:"retracted"`
}

func (a *app) comment(ctx context.Context, id string, o commentOptions) error {
	text, err := a.textOf(o.text, o.textFile)
	if err != nil {
		return err
	}
	r, err := a.requestOf(ctx, id)
	if err != nil {
		return err
	}
	var raw json.RawMessage
	switch {
	case o.retract != "":
		if !wholeID.MatchString(strings.ToLower(o.retract)) {
			return wrongUsage("--retract takes the id of a comment; `airlock comment %s -o json` shows it", id)
		}
		raw, err = a.api.Below(ctx, r, http.MethodDelete, "comments/"+o.retract, nil)
	case text == "":
		return a.comments(ctx, r)
	default:
		body := map[string]string{"text": text, "visibility": map[bool]string{false: "everyone", true: "reviewers"}[o.reviewers]}
		if o.file != "" {
			body["file"] = o.file
		}
		raw, err = a.api.Below(ctx, r, http.MethodPost, "comments", body)
	}
	if err != nil {
		return err
	}
	var one said
	if err := json.Unmarshal(raw, &one); err != nil {
		return fmt.Errorf("the comment cannot be read: %w", err)
	}
	return a.show(result{objects: []json.RawMessage{raw}, ids: []string{one.ID}, text: one.line() + "\n"})
}

func (s said) line() string {
	text := oneLine(s.Text)
	if s.Retracted {
		text = "(retracted)"
	}
	if s.File != "" {
		text = oneLine(s.File) + ": " + text
	}
	return fmt.Sprintf("%s, %s: %s", oneLine(s.Author.Name), moment(s.When.Time), text)
}

func (a *app) comments(ctx context.Context, r client.Ref) error {
	res := result{list: true, table: table{head: []string{"WHEN", "WHO", "ABOUT", "FOR", "TEXT"}, elastic: 4}}
	query := url.Values{}
	for {
		raw, err := a.api.Sub(ctx, r, "comments", query)
		if err != nil {
			return err
		}
		var page struct {
			Comments []json.RawMessage `json:"comments"`
			Next     *string           `json:"nextPage"`
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			return fmt.Errorf("the comments cannot be read: %w", err)
		}
		for _, raw := range page.Comments {
			var s said
			if err := json.Unmarshal(raw, &s); err != nil {
				return fmt.Errorf("a comment cannot be read: %w", err)
			}
			text := s.Text
			if s.Retracted {
				text = "(retracted)"
			}
			res.objects, res.ids = append(res.objects, raw), append(res.ids, s.ID)
			res.table.add(moment(s.When.Time), s.Author.Name, s.File, s.Visibility, text)
		}
		if page.Next == nil {
			break
		}
		query.Set("page", *page.Next)
	}
	if len(res.objects) == 0 {
		a.say("Nobody has said anything yet; `airlock comment ID --text TEXT` does.")
	}
	return a.show(res)
}

func (a *app) claimCommand() *cobra.Command {
	release := false
	c := &cobra.Command{
		Use:   "claim ID",
		Short: "Say that you are looking at a request",
		Long:  "Say that you are looking at a request, so that other reviewers know. It ends by itself, and\nkeeps nobody from deciding.",
		Example: `  airlock claim @last
  airlock claim @last --release`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error { return a.claim(c.Context(), args[0], release) },
	}
	c.Flags().BoolVar(&release, "release", false, "you are not looking at it any more")
	return c
}

func (a *app) claim(ctx context.Context, id string, release bool) error {
	r, err := a.requestOf(ctx, id)
	if err != nil {
		return err
	}
	method := http.MethodPost
	if release {
		method = http.MethodDelete
	}
	raw, err := a.api.Below(ctx, r, method, "claim", nil)
	if err != nil {
		return err
	}
	e := client.Envelope{Raw: raw}
	if err := json.Unmarshal(raw, &e); err != nil {
		return fmt.Errorf("the request cannot be read: %w", err)
	}
	return a.show(a.envelopeResult(e))
}

func (a *app) turnsCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "turns ID",
		Short:   "Show a request's turns: what was submitted, said and changed",
		Long:    "Show what was submitted in each turn of a request that was sent back, what was said of it,\nand what became of each file since the turn before.",
		Example: "  airlock turns @last",
		Args:    cobra.ExactArgs(1), ValidArgsFunction: a.completeRequests,
		RunE: func(c *cobra.Command, args []string) error { return a.turns(c.Context(), args[0]) },
	}
}

func (a *app) turns(ctx context.Context, id string) error {
	r, err := a.requestOf(ctx, id)
	if err != nil {
		return err
	}
	raw, err := a.api.Sub(ctx, r, "turns", nil)
	if err != nil {
		return err
	}
	var list struct {
		Turns []json.RawMessage `json:"turns"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return fmt.Errorf("the turns cannot be read: %w", err)
	}
	res := result{list: true}
	var f facts
	for _, raw := range list.Turns {
		var t struct {
			Turn    int             `json:"turn"`
			Ended   client.Time     `json:"ended"`
			Why     string          `json:"why"`
			Files   []client.File   `json:"files"`
			Removed []string        `json:"removed"`
			Reviews []client.Review `json:"reviews"`
		}
		if err := json.Unmarshal(raw, &t); err != nil {
			return fmt.Errorf("a turn cannot be read: %w", err)
		}
		until := "now"
		if !t.Ended.IsZero() {
			until = "until " + moment(t.Ended.Time)
		}
		f.add("Turn", fmt.Sprintf("%d, %s", t.Turn, until))
		f.add("Files", fileLines(client.Request{Files: t.Files}))
		f.add("Removed", strings.Join(t.Removed, "\n"))
		f.add("Decisions", reviewLines(t.Reviews))
		f.add("Returned", t.Why)
		res.objects, res.ids = append(res.objects, raw), append(res.ids, fmt.Sprint(t.Turn))
	}
	res.text = f.b.String()
	return a.show(res)
}
