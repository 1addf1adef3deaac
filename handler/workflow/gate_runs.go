package workflow

import (
	"fmt"
	"strings"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Messages of the gates beside the malware gate.
const (
	messageAtGates       = "Waiting for the security gates: %s."
	messageGateSaysNot   = "The gate %s could not come to a word about the files (%s)."
	messageGateBlocks    = "The gate %s found what must not go on: %s. The files stay in quarantine."
	messageGateReturns   = "The gate %s asks for changes: %s. The findings say where."
	messageGateUnjudged  = " The workspace's policy does not let such a request go on; a workspace owner or an airlock manager can have it judged anew (retry)."
	messageGateNoAnswer  = "it did not answer in time"
	messageGateFound     = "The gate %s leaves to the reviewers: %s."
	messageGateUndecided = "The gate %s could not come to a word about the files (%s). The workspace's policy leaves the decision to the reviewers."
)

// moveGates starts the gates whose stage has come, ends those whose time is up, and asks
// external ones again. It reports whether it did anything.
func (c *change) moveGates() bool {
	moved := false
	// An end may let the next stage begin, so the walk is repeated; nothing is started or
	// ended twice.
	for g := c.gate(); g.Moves(); g = c.gate() {
		moved = true
		for _, i := range g.Start {
			c.startGate(&c.Gates[i])
		}
		for _, i := range g.Ask {
			c.ask(&c.Gates[i])
		}
		for _, i := range g.Expired {
			c.unjudged(&c.Gates[i], messageGateNoAnswer)
		}
	}
	return moved
}

// startGate begins a gate's work: the inspection goes on in the next delivery, and an
// external gate is sent an event.
func (c *change) startGate(g *airlock.GateRun) {
	g.Start(c.ContentDigest(), c.at)
	rec := c.gateRecord(audit.GateStarted, g)
	rec.Detail["kind"], rec.Detail["stage"] = string(g.Policy.Kind), fmt.Sprint(g.Policy.Stage)
	rec.Detail["deadline"] = g.Deadline.Format(time.RFC3339)
	switch g.Policy.Kind {
	case airlock.ExternalGate:
		c.ask(g)
	case airlock.ContentGate:
		c.continued = true
	}
}

// gateRecord appends a record about a gate.
func (c *change) gateRecord(action audit.Action, g *airlock.GateRun) *audit.Record {
	rec := c.record(action)
	rec.From, rec.To = c.Status, c.Status
	rec.Detail = map[string]string{"gate": g.Policy.ID, "digest": g.Digest}
	return rec
}

// unjudged ends a gate without a word.
func (c *change) unjudged(g *airlock.GateRun, why string) {
	g.Settle(airlock.RunInconclusive)
	g.Why = why
	c.gateRecord(audit.GateInconclusive, g).Reason = why
}

// blockAtGate quarantines the request because of what a gate found.
func (c *change) blockAtGate(g *airlock.GateRun) error {
	if c.Status == airlock.ApprovalInProgress {
		c.undoMove()
	}
	c.BlockReason = fmt.Sprintf(messageGateBlocks, g.Policy.ID, foundBy(g))
	rec, err := c.move(airlock.TriggerGateBlocked, c.BlockReason)
	if err != nil {
		return err
	}
	rec.Detail = map[string]string{"gate": g.Policy.ID, "digest": g.Digest}
	return nil
}

// returnAtGate sends the request back to its requestor, who mends it and submits again.
func (c *change) returnAtGate(why string) error {
	_, err := c.sendBack(airlock.TriggerGateReturned, why, why)
	return err
}

// undoMove forgets a move that is not done and gives up its destination.
func (c *change) undoMove() {
	if destination, ok := airlock.DestinationOf(c.Type, c.Status); ok {
		c.giveUpStage(destination)
	}
	for i := range c.Files {
		f := &c.Files[i]
		f.FinalETag, f.FinalChecked, f.Copy, f.Hash = "", false, nil, nil
	}
}

// foundBy says what a gate found, in counts and the names of rules.
func foundBy(g *airlock.GateRun) string {
	n := g.Counts.High + g.Counts.Medium + g.Counts.Low + g.Counts.Note
	text := fmt.Sprintf("%d findings", n)
	if n == 1 {
		text = "1 finding"
	}
	if len(g.Rules) > 0 && g.Policy.Kind == airlock.ContentGate { // others may put anything into a name
		text += " (" + strings.Join(g.Rules, ", ") + ")"
	}
	return text
}

// leftForReview says what the gates leave to the reviewers, "" for nothing.
func (c *change) leftForReview() string {
	text := ""
	for i := range c.Gates {
		switch g := &c.Gates[i]; {
		case g.Status == airlock.RunFindings && g.Review > 0:
			text = joined(text, fmt.Sprintf(messageGateFound, g.Policy.ID, foundBy(g)))
		case g.Status == airlock.RunInconclusive && g.Required():
			text = joined(text, fmt.Sprintf(messageGateUndecided, g.Policy.ID, g.Why))
		}
	}
	return text
}

// joined puts two sentences together.
func joined(a, b string) string { return strings.TrimSpace(a + " " + b) }

// gateSummary is the line about the gates in the record of passing them.
func (c *change) gateSummary() string {
	var all []string
	for _, g := range c.Gates {
		all = append(all, g.Policy.ID+" "+string(g.Status))
	}
	return strings.Join(all, ", ")
}

// atGates names the gates that the request waits for.
func (c *change) atGates() string {
	var names []string
	for _, g := range c.Gates {
		if g.Status == airlock.RunRunning && g.Required() {
			names = append(names, g.Policy.ID)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(messageAtGates, strings.Join(names, ", "))
}

// gateRequestedData is the data of the event that asks an external gate. It holds no
// link, no names and no text of a person's.
type gateRequestedData struct {
	RequestID     airlock.RequestID   `json:"request_id"`
	Workspace     airlock.WorkspaceID `json:"workspace"`
	Type          airlock.RequestType `json:"type"`
	Gate          string              `json:"gate"`
	Attempt       int                 `json:"attempt"`
	ContentDigest string              `json:"content_digest"`
	Files         int                 `json:"files"`
	Bytes         int64               `json:"bytes"`
	Deadline      time.Time           `json:"deadline"`
	// API is the path where the gate asks and answers.
	API string `json:"api"`
}

// ask sends the event to an external gate.
func (c *change) ask(g *airlock.GateRun) {
	g.Ask(c.at)
	data := gateRequestedData{RequestID: c.ID, Workspace: c.Workspace, Type: c.Type, Gate: g.Policy.ID, Attempt: g.Asked, ContentDigest: g.Digest,
		Files: len(c.Files), Deadline: g.Deadline, API: fmt.Sprintf("/api/workspaces/%s/requests/%s/gates/%s", c.Workspace, c.ID, g.Policy.ID)}
	for _, f := range c.Files {
		data.Bytes += f.Size
	}
	c.emit(airlock.TopicGates, airlock.EventGateRequested, "1.0", string(c.ID)+"/gate/"+g.Policy.ID, data)
}
