package httpapi

import (
	"context"

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

// Turns is what became of a request turn by turn.
type Turns struct {
	Turns []Turn `json:"turns" nullable:"false" doc:"The first one first; the last one is the present turn."`
}

// Turn is one turn of a request: what was submitted and what was said of it.
type Turn struct {
	Turn    int             `json:"turn"`
	Ended   *float64        `json:"ended" doc:"When the request was sent back, in seconds since 1970; null for the present turn."`
	Why     string          `json:"why" doc:"What the requestor was told when the turn ended."`
	Files   []RequestFile   `json:"files" nullable:"false"`
	Removed []string        `json:"removed" nullable:"false" doc:"Names of files of the turn before that are gone."`
	Reviews []RequestReview `json:"reviews" nullable:"false"`
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
	r, ended, err := a.Service.Turns(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID))
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
		views = append(views, view)
	}
	return views, nil
}
