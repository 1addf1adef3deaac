package chaos

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// gateWords are what a request's records say of its gates in the present turn. The malware gate is not among them.
type gateWords struct {
	plan         [][]string        // of each gate: id, kind, mode, and of a required one the outcome of what it cannot judge
	words        map[string]record // the last one of each gate
	acknowledged map[string]record // by reviewer, since the gates were passed
}

// judgeGates follows the records: nothing comes to review unless every required gate that the submit names has let exactly
// these bytes on, and nobody approves without having acknowledged all that the gates leave to the reviewers. It returns the
// words that were in force when something was approved.
func judgeGates(records []record) (approved gateWords, problems []string) {
	var g gateWords
	for _, r := range records {
		switch {
		case r.Action == "submit":
			g = gateWords{plan: planOf(r), words: map[string]record{}}
		case (r.Action == "gate_verdict" || r.Action == "gate_inconclusive") && r.Detail["bytes"] != "other":
			g.words[r.Detail["gate"]] = r
		case r.Action == "gates_passed":
			g.acknowledged = map[string]record{}
			problems = append(problems, g.letOn(r)...)
		case r.Action == "findings_acknowledged":
			g.acknowledged[r.Actor.ID] = r
		case r.Action == "approve":
			approved = g
			if said, owed := g.acknowledged[r.Actor.ID].Detail["groups"], g.owed(); owed > 0 && said != strconv.Itoa(owed) {
				problems = append(problems, fmt.Sprintf("audit record %d: an approval acknowledges %q of %d groups of findings", r.Seq, said, owed))
			}
		}
	}
	return approved, problems
}

func planOf(submit record) (plan [][]string) {
	if submit.Detail["gates"] == "" {
		return nil
	}
	for one := range strings.SplitSeq(submit.Detail["gates"], ", ") {
		plan = append(plan, strings.Fields(one))
	}
	return plan
}

func required(gate []string) bool { return len(gate) == 4 && gate[2] == "required" }

// letOn reports which required gates have not let the files of a record on.
func (g gateWords) letOn(passed record) (problems []string) {
	digest := digestOf(passed)
	for _, gate := range g.plan {
		word := g.words[gate[0]]
		lets := word.Action == "gate_verdict" && slices.Contains([]string{"passed", "findings"}, word.Detail["outcome"]) ||
			word.Action == "gate_inconclusive" && gate[len(gate)-1] == "review"
		if required(gate) && (!lets || word.Detail["digest"] != digest) {
			problems = append(problems, fmt.Sprintf("audit record %d: it is in review, and the gate %s has not let it on: %s %v", passed.Seq, gate[0], word.Action, word.Detail))
		}
	}
	return problems
}

// owed is how many groups of findings an approval has to acknowledge.
func (g gateWords) owed() (groups int) {
	for _, gate := range g.plan {
		if n, err := strconv.Atoi(g.words[gate[0]].Detail["review"]); err == nil && required(gate) {
			groups += n
		}
	}
	return groups
}

// digestOf is the digest of the files of a record, as docs/audit-format.md has it.
func digestOf(r record) string {
	sum := sha256.New()
	for _, f := range r.Files {
		proof := "etag:" + f.ETag
		if f.SHA256 != "" {
			proof = "sha256:" + f.SHA256
		}
		fmt.Fprintf(sum, "%s\x00%d\x00%s\n", f.Name, f.Size, proof)
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}
