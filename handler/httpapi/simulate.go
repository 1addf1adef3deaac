package httpapi

import (
	"context"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/workflow"
)

// SimulateInput is the input of SimulatePolicy.
type SimulateInput struct {
	WorkspacePath
	Body PolicyDraft
}

// PolicyDraft is a policy that somebody thinks of putting in force.
type PolicyDraft struct {
	Policy airlock.Policy `json:"policy" doc:"The whole policy, as PutWorkspace takes it."`
	Last   int            `json:"last,omitempty" minimum:"1" maximum:"50" default:"20" doc:"How many requests to look at, the newest first."`
}

// SimulateAnswer is the answer of SimulatePolicy.
type SimulateAnswer struct{ Body PolicySimulation }

// PolicySimulation holds the outcomes that a policy would have had for the last requests.
type PolicySimulation struct {
	Turns       []SimulatedTurn `json:"turns" nullable:"false" doc:"The newest request first, of each the last turn first."`
	UnderWay    int             `json:"underWay" doc:"Requests among the last that are left out: drafts, and those at their gates now."`
	DamagedRows int             `json:"damagedRows,omitempty" doc:"Requests that are left out because their rows are not as the service wrote them; an operator has to look."`
}

// SimulatedTurn is one turn of a request.
type SimulatedTurn struct {
	RequestID   string          `json:"requestId" format:"uuid"`
	Turn        int             `json:"turn"`
	Type        string          `json:"type" enum:"import,export"`
	Status      Status          `json:"status" doc:"Of the request, now."`
	CreatedWhen float64         `json:"createdWhen" doc:"Seconds since 1970."`
	Was         string          `json:"was" enum:"review,acknowledge,return,fail,block,unknown" doc:"What the gates made of it. review: reviewers decide. acknowledge: they say why findings may leave, too. unknown: a gate had no word."`
	Would       string          `json:"would" enum:"review,acknowledge,return,fail,block,refuse,unknown" doc:"What they would have made of it under the draft. refuse: it could not have been submitted. The malware gate counts as it was."`
	Changed     bool            `json:"changed" doc:"would is known, and is not what was."`
	Complete    bool            `json:"complete" doc:"false: not all is on record that the gates would have judged; it might have come to something graver."`
	Rules       []string        `json:"rules" nullable:"false" doc:"Rules about files that it would have broken at submit."`
	Gates       []SimulatedGate `json:"gates" nullable:"false" doc:"Gates of the draft for this direction."`
}

// SimulatedGate is the word that one gate of the draft would have had.
type SimulatedGate struct {
	ID          string     `json:"id"`
	Was         string     `json:"was,omitempty" enum:"passed,findings,returned,blocked,inconclusive" doc:"What such a gate said; absent where none had a word."`
	Would       string     `json:"would" enum:"waiting,passed,findings,returned,blocked,inconclusive" doc:"waiting: nothing is on record that says."`
	Counts      GateCounts `json:"counts"`
	Rules       []string   `json:"rules" nullable:"false" doc:"Rules that would have asked for an action, the first twenty."`
	Acknowledge int        `json:"acknowledge" doc:"Groups of findings that an approval would have had to acknowledge."`
	Unknown     string     `json:"unknown,omitempty" doc:"What is not on record, so that the gate might have said more."`
}

func (a *API) simulatePolicy(ctx context.Context, c *call, in *SimulateInput) (*SimulateAnswer, error) {
	s, err := a.config.Operations.Simulate(ctx, c.principal, airlock.WorkspaceID(in.WorkspaceID), in.Body.Policy, in.Body.Last)
	if err != nil {
		return nil, err
	}
	return &SimulateAnswer{Body: simulationView(s)}, nil
}

func simulationView(s workflow.Simulation) PolicySimulation {
	out := PolicySimulation{Turns: []SimulatedTurn{}, UnderWay: s.UnderWay, DamagedRows: s.Damaged}
	for _, t := range s.Turns {
		v := SimulatedTurn{RequestID: string(t.Request), Turn: t.Turn, Type: string(t.Type), Status: Status(t.Status), CreatedWhen: seconds(t.Created),
			Was: string(t.Was), Would: string(t.Would), Changed: t.Changed(), Complete: t.Complete(), Rules: append([]string{}, t.Rules...), Gates: []SimulatedGate{}}
		for _, g := range t.Gates {
			v.Gates = append(v.Gates, SimulatedGate{ID: g.ID, Was: string(g.Was), Would: string(g.Would), Counts: GateCounts(g.Counts),
				Rules: append([]string{}, g.Rules...), Acknowledge: g.Acknowledge, Unknown: g.Unknown})
		}
		out.Turns = append(out.Turns, v)
	}
	return out
}
