package chaos

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"example.org/airlock/localcloud/ground"
)

// findingsContainer has the reports of gates, and what reviewers said of them.
const findingsContainer = "findings"

// report is what the inquest reads in a gate's report.
type report struct {
	Request, Gate, Outcome string
	Digest                 string `json:"contentDigest"`
	Files                  []struct {
		File     int
		Dropped  int
		Findings []struct{ Rule, Action string }
	}
}

// groups are what a reviewer acknowledges of a required gate.
func (r report) groups() (all []string) {
	for _, file := range r.Files {
		for _, one := range file.Findings {
			group := fmt.Sprintf("%s/%d", one.Rule, file.File)
			if (one.Action == "review" || one.Action == "return") && !slices.Contains(all, group) {
				all = append(all, group)
			}
		}
		if file.Dropped > 0 {
			all = append(all, fmt.Sprintf("truncated/%d", file.File))
		}
	}
	return all
}

// judgeFindings: each word of a gate has its report among the evidence, complete and about the bytes that the word was about;
// each acknowledgement in force names every group of those reports; and what a story's files are known to hold was found.
func (q *inquest) judgeFindings(c Case, records []record, approved gateWords) error {
	var found []string
	reports := map[string]report{}
	for _, r := range records {
		if r.Action != "gate_verdict" || r.Detail["bytes"] == "other" {
			continue
		}
		one := report{}
		named := "/" + r.Detail["gate"] + "/" + r.Detail["findings"] + ".json"
		ok, err := q.evidence(c, r, r.Detail["findings"], c.ID+"/", named, &one)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if one.Request != c.ID || one.Gate != r.Detail["gate"] || one.Digest != r.Detail["digest"] || one.Outcome != r.Detail["outcome"] {
			q.find(c, Wrong, "audit record %d: its report is another one: %+v", r.Seq, one)
		}
		reports[r.Detail["findings"]] = one
		for i, file := range one.Files {
			if one.Gate == contentGate && file.File != i+1 {
				q.find(c, Wrong, "audit record %d: its report leaves out file %d", r.Seq, i+1)
			}
			for _, f := range file.Findings {
				found = append(found, f.Rule)
			}
		}
		if one.Gate == contentGate && len(one.Files) != submitted(records, r.Seq) {
			q.find(c, Wrong, "audit record %d: its report is about %d of %d files", r.Seq, len(one.Files), submitted(records, r.Seq))
		}
	}
	if c.Finds != "" && !slices.Contains(found, c.Finds) {
		q.find(c, Wrong, "no gate found %s, only %v", c.Finds, found)
	}
	return q.judgeAcknowledgements(c, reports, approved)
}

// submitted is how many files the last submit before a record names.
func submitted(records []record, seq int) (files int) {
	for _, r := range records {
		if r.Action == "submit" && r.Seq < seq {
			files = len(r.Files)
		}
	}
	return files
}

func (q *inquest) judgeAcknowledgements(c Case, reports map[string]report, approved gateWords) error {
	var owed []string
	for _, gate := range approved.plan {
		for _, group := range reports[approved.words[gate[0]].Detail["findings"]].groups() {
			if required(gate) {
				owed = append(owed, gate[0]+" "+group)
			}
		}
	}
	for reviewer, r := range approved.acknowledged {
		var said struct {
			Said []struct{ Gate, Group string } `json:"acknowledgements"`
		}
		ok, err := q.evidence(c, r, r.Detail["sha256"], "acks/"+c.ID+"/"+reviewer+"/", "/"+r.Detail["sha256"]+".json", &said)
		if err != nil {
			return err
		}
		var names []string
		for _, one := range said.Said {
			names = append(names, one.Gate+" "+one.Group)
		}
		slices.Sort(names)
		slices.Sort(owed)
		if ok && !slices.Equal(names, owed) {
			q.find(c, Wrong, "audit record %d: the acknowledgement names %v instead of %v", r.Seq, names, owed)
		}
	}
	return nil
}

// evidence reads the item that a record names by its hash, and reports whether it is there and as the hash says.
func (q *inquest) evidence(c Case, r record, hash, prefix, suffix string, into any) (ok bool, err error) {
	if q.findingsKept == nil {
		blobs, _, err := q.cloud.Ground.Blobs(q.ctx, ground.EvidenceAccount, findingsContainer)
		if err != nil {
			return false, err
		}
		q.findingsKept = []string{}
		for _, b := range blobs {
			q.findingsKept = append(q.findingsKept, b.Name)
		}
	}
	i := slices.IndexFunc(q.findingsKept, func(name string) bool { return strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix) })
	if i < 0 {
		q.find(c, Lost, "audit record %d: what %s names is not among the evidence", r.Seq, r.Action)
		return false, nil
	}
	body, err := q.cloud.Ground.Read(q.ctx, ground.EvidenceAccount, findingsContainer, q.findingsKept[i])
	if err != nil {
		return false, err
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != hash || json.Unmarshal(body, into) != nil {
		q.find(c, Wrong, "audit record %d: the evidence of %s is another", r.Seq, r.Action)
		return false, nil
	}
	return true, nil
}
