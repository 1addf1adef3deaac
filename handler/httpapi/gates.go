package httpapi

import (
	"context"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/inspect"
)

// RequestGate is the state of one gate beside the malware gate.
type RequestGate struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind" enum:"content,external"`
	Stage    int        `json:"stage"`
	Required bool       `json:"required" doc:"The request waits for it; advice is shown and never holds up."`
	Status   string     `json:"status" enum:"waiting,running,passed,findings,returned,blocked,inconclusive"`
	Deadline *float64   `json:"deadline,omitempty" doc:"When it is given up, in seconds since 1970."`
	Counts   GateCounts `json:"counts"`
	Rules    []string   `json:"rules" nullable:"false" doc:"Rules that found something which asks for an action, the first twenty."`
	// Acknowledge is how many groups of findings an approval has to acknowledge.
	Acknowledge int    `json:"acknowledge" doc:"Groups of findings that an approval has to acknowledge."`
	RuleSet     string `json:"ruleSet,omitempty" doc:"SHA-256 of the rules in force, or an external engine's word on its own."`
	Why         string `json:"why,omitempty" doc:"Why it came to no word."`
}

// GateCounts counts findings by severity.
type GateCounts struct {
	High   int64 `json:"high"`
	Medium int64 `json:"medium"`
	Low    int64 `json:"low"`
	Note   int64 `json:"note"`
}

func gateView(g airlock.GateRun) RequestGate {
	v := RequestGate{ID: g.Policy.ID, Kind: string(g.Policy.Kind), Stage: g.Policy.Stage, Required: g.Required(), Status: string(g.Status),
		Counts: GateCounts(g.Counts), Rules: append([]string{}, g.Rules...), Acknowledge: g.Review, RuleSet: g.RuleSet, Why: g.Why}
	if !g.Deadline.IsZero() {
		when := seconds(g.Deadline)
		v.Deadline = &when
	}
	return v
}

func gatesView(r airlock.Request) []RequestGate {
	var all []RequestGate
	for _, g := range r.Gates {
		all = append(all, gateView(g))
	}
	return all
}

// FindingsAnswer is the answer of ListFindings.
type FindingsAnswer struct{ Body RequestFindings }

// RequestFindings holds the gates' findings in the present turn.
type RequestFindings struct {
	Turn  int           `json:"turn"`
	Gates []GateFinding `json:"gates" nullable:"false"`
}

// GateFinding is a gate with what it found.
type GateFinding struct {
	RequestGate
	Findings []FileFinding `json:"findings" nullable:"false" doc:"In the order of the report. They hold no data: a place is numbers."`
	Groups   []string      `json:"groups" nullable:"false" doc:"Groups that an approval has to acknowledge: all that one rule found in one file."`
}

// FileFinding is a finding of one rule in one file.
type FileFinding struct {
	Number     int             `json:"number" doc:"For the excerpt; from 1 in its gate."`
	Rule       string          `json:"rule"`
	Title      string          `json:"title,omitempty"`
	Advice     string          `json:"advice,omitempty" doc:"What the requestor can do."`
	Severity   string          `json:"severity" enum:"high,medium,low,note"`
	Confidence string          `json:"confidence,omitempty" enum:"sure,doubtful"`
	Action     string          `json:"action" enum:"note,review,return,block"`
	File       int             `json:"file" doc:"Its number in files, from 1."`
	Name       string          `json:"name" doc:"Its name, or its number to those who do not see names."`
	Count      int64           `json:"count"`
	Bucket     string          `json:"bucket,omitempty" doc:"Class of the number that was measured."`
	Shape      string          `json:"shape,omitempty" doc:"How it looks, with its characters taken away."`
	Message    string          `json:"message,omitempty" doc:"More of it in words. The content gate tells kinds and numbers, e.g. rows and columns. What an external engine says, nobody has checked to hold no data; it is forgotten after fourteen days."`
	Places     []inspect.Place `json:"places" nullable:"false" doc:"The first ones: part, line, column, members of archives by number, offset and length."`
}

func (a *API) findings(ctx context.Context, c *call, in *RequestPath) (*FindingsAnswer, error) {
	r, all, err := a.config.Service.Findings(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID))
	if err != nil {
		return nil, err
	}
	shown := airlock.Show(c.principal, r, c.workspace.Policy).Request
	out := &FindingsAnswer{Body: RequestFindings{Turn: r.Turn(), Gates: []GateFinding{}}}
	for _, one := range all {
		g := GateFinding{RequestGate: gateView(one.Run), Findings: []FileFinding{}, Groups: one.Groups}
		for _, f := range one.Found.Files {
			for _, j := range f.Findings {
				v := findingView(len(g.Findings)+1, f.File, j, shown)
				if len(g.Findings) < len(one.Messages) {
					v.Message = one.Messages[len(g.Findings)]
				}
				g.Findings = append(g.Findings, v)
			}
		}
		out.Body.Gates = append(out.Body.Gates, g)
	}
	return out, nil
}

func findingView(number, file int, j inspect.Judged, r airlock.Request) FileFinding {
	v := FileFinding{Number: number, Rule: j.Rule, Severity: string(j.Severity), Confidence: string(j.Confidence), Action: string(j.Action), File: file,
		Count: j.Count, Bucket: j.Bucket, Shape: j.Shape, Message: j.Facts.String(), Places: append([]inspect.Place{}, j.Places...)}
	if rule, ok := inspect.RuleOf(j.Rule); ok {
		v.Title, v.Advice = rule.Title, rule.Advice
	}
	if file >= 1 && file <= len(r.Files) {
		v.Name = r.Files[file-1].Name
	}
	return v
}

// RulesAnswer is the answer of ListGateRules.
type RulesAnswer struct{ Body GateRules }

// GateRules is the catalogue of the content gate's rules.
type GateRules struct {
	Rules   []inspect.Rule   `json:"rules" nullable:"false"`
	Presets []inspect.Preset `json:"presets" nullable:"false"`
}

func (a *API) gateRules(context.Context, *call, *struct{}) (*RulesAnswer, error) {
	return &RulesAnswer{Body: GateRules{Rules: inspect.Rules(), Presets: inspect.Presets()}}, nil
}

// rounded is a time as answers have it.
func rounded(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
