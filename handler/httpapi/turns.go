package httpapi

import (
	"context"
	"slices"

	"example.org/airlock/handler/airlock"
)

// TurnPath names one turn of a request.
type TurnPath struct {
	RequestPath
	Turn int `path:"turn" minimum:"1" maximum:"50" doc:"The turn, from 1."`
}

// TurnsAnswer is the answer of ListTurns.
type TurnsAnswer struct{ Body Turns }

// TurnAnswer is the answer of GetTurn.
type TurnAnswer struct{ Body Turn }

// Turns is a request's course, turn by turn.
type Turns struct {
	Turns []Turn `json:"turns" nullable:"false" doc:"The first one first; the last one is the present turn."`
}

// Turn is one turn of a request: its files and the words on them.
type Turn struct {
	Turn    int             `json:"turn"`
	Ended   *float64        `json:"ended" doc:"When the request was sent back, in seconds since 1970; null for the present turn."`
	Why     string          `json:"why" doc:"What the requestor was told when the turn ended."`
	Files   []RequestFile   `json:"files" nullable:"false"`
	Removed []string        `json:"removed" nullable:"false" doc:"Names of files of the turn before that are gone."`
	Reviews []RequestReview `json:"reviews" nullable:"false"`

	files []string // their names, shown or not
}

func (a *API) turns(ctx context.Context, c *call, in *RequestPath) (*TurnsAnswer, error) {
	turns, err := a.turnViews(ctx, c, in)
	return &TurnsAnswer{Body: Turns{Turns: turns}}, err
}

func (a *API) turn(ctx context.Context, c *call, in *TurnPath) (*TurnAnswer, error) {
	turns, err := a.turnViews(ctx, c, &in.RequestPath)
	if err != nil {
		return nil, err
	}
	for _, t := range turns {
		if t.Turn == in.Turn {
			return &TurnAnswer{Body: t}, nil
		}
	}
	return nil, &edgeError{code: codeNoTurn}
}

// turnViews shows all turns to the caller, each held against the one before. A request
// that was returned, and not submitted again, has no present turn beside those that
// ended.
func (a *API) turnViews(ctx context.Context, c *call, in *RequestPath) ([]Turn, error) {
	r, ended, err := a.config.Service.Turns(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID))
	if err != nil {
		return nil, err
	}
	names := airlock.NamesShown(c.principal, r, c.workspace.Policy)
	if !r.Reopened {
		ended = append(ended, r.EndTurn("", r.StatusSince))
	}
	views := []Turn{}
	for i, t := range ended {
		view := Turn{Turn: t.Turn, Why: t.Why, Removed: []string{}}
		if i < len(ended)-1 || r.Reopened {
			when := seconds(t.Ended)
			view.Ended = &when
		}
		in := r
		in.Files, in.Reviews = t.Files, t.Reviews
		if t.Turn < r.Turn() { // nothing of it is hidden any more
			in.Rule.Independent = false
		}
		if i > 0 {
			view.Removed = in.HoldAgainst(ended[i-1])
		}
		if !names {
			view.Removed = []string{}
		}
		shown := airlock.Show(c.principal, in, c.workspace.Policy).Request
		view.Files, view.Reviews = filesView(shown), reviewsView(shown)
		for _, f := range in.Files {
			view.files = append(view.files, f.Name)
		}
		if i > 0 {
			view.recall(in.Files, views[i-1])
		}
		views = append(views, view)
	}
	return views, nil
}

// EarlierDecision is a reviewer's decision on the same bytes in a turn before.
type EarlierDecision struct {
	Turn     int    `json:"turn"`
	Reviewer User   `json:"reviewer"`
	Decision string `json:"decision,omitempty" enum:"fine,change,withhold"`
	Comment  string `json:"comment,omitempty"`
}

// recall notes with each file whose bytes were there in the turn before what reviewers
// said of them then. files are the turn's files, in its order, with what became of them.
func (t *Turn) recall(files []airlock.File, before Turn) {
	for i, f := range files {
		was := f.Name
		if f.Change == airlock.FileRenamed {
			was = f.From
		} else if f.Change != airlock.FileUnchanged {
			continue
		}
		at := slices.IndexFunc(before.files, func(name string) bool { return name == was })
		if at < 0 {
			continue
		}
		t.Files[i].Earlier = slices.Clone(before.Files[at].Earlier)
		for _, v := range before.Reviews {
			for _, d := range v.Files {
				if d.Name == before.Files[at].Name {
					t.Files[i].Earlier = append(t.Files[i].Earlier, EarlierDecision{Turn: before.Turn, Reviewer: v.Reviewer, Decision: d.Decision, Comment: d.Comment})
				}
			}
		}
	}
}
