package httpapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// hideNames puts numbers in the place of the names of a request's files, leaves
// their hashes out, and takes away the stored bytes, which hold both. A record
// that cannot be read is taken away whole.
func (r *AuditRecord) hideNames(request airlock.Request) {
	aliases := map[string]string{}
	for i, masked := range request.WithoutNames().Files {
		aliases[request.Files[i].Name] = masked.Name
	}
	var record map[string]any
	r.Body = ""
	if json.Unmarshal(r.Record, &record) != nil {
		r.Record = json.RawMessage("null")
		return
	}
	if files, ok := record["files"].([]any); ok {
		for _, f := range files {
			if file, ok := f.(map[string]any); ok {
				name, _ := file["name"].(string)
				file["name"] = aliases[name] // "" for a file of no manifest
				delete(file, "sha256")
			}
		}
	}
	if decided, ok := record["fileDecisions"].([]any); ok {
		for _, d := range decided {
			if file, ok := d.(map[string]any); ok {
				name, _ := file["name"].(string)
				file["name"] = aliases[name]
			}
		}
	}
	if reason, ok := record["reason"].(string); ok {
		record["reason"] = without(reason, aliases)
	}
	if detail, ok := record["detail"].(map[string]any); ok {
		delete(detail, "sha256")
		for member, value := range detail {
			if text, ok := value.(string); ok {
				detail[member] = without(text, aliases)
			}
		}
	}
	masked, err := json.Marshal(record)
	if err != nil { // it was JSON a moment ago
		panic(err)
	}
	r.Record = masked
}

// without puts aliases in the place of names, the longest first, also inside a text.
func without(text string, aliases map[string]string) string {
	names := slices.SortedFunc(maps.Keys(aliases), func(a, b string) int { return len(b) - len(a) })
	for _, name := range names {
		text = strings.ReplaceAll(text, name, aliases[name])
	}
	return text
}

// hideReviewers takes out of a record who reviewed, but for one person, and with it the
// stored bytes, which say it too.
func (r *AuditRecord) hideReviewers(but airlock.UserID) {
	var record map[string]any
	if json.Unmarshal(r.Record, &record) != nil {
		return
	}
	actor, _ := record["actor"].(map[string]any)
	roles, _ := actor["roles"].([]any)
	if actor["id"] != string(but) && slices.Contains(roles, any(string(airlock.RoleManager))) {
		record["actor"] = map[string]any{"kind": actor["kind"], "name": "a reviewer"}
		r.Body = ""
	}
	if by, ok := record["onBehalfOf"].(string); ok && by != string(but) {
		delete(record, "onBehalfOf")
		r.Body = ""
	}
	masked, err := json.Marshal(record)
	if err != nil { // it was JSON a moment ago
		panic(err)
	}
	r.Record = masked
}

// hideReviewersComment takes the record of a comment away that the caller may not read.
func (r *AuditRecord) hideReviewersComment(p airlock.Principal, request airlock.Request, policy airlock.Policy) {
	var rec audit.Record
	if json.Unmarshal(r.Record, &rec) != nil || rec.Detail["visibility"] != string(airlock.ForReviewers) {
		return
	}
	comment := airlock.Comment{By: airlock.Principal{ID: rec.Actor.ID}, Visibility: airlock.ForReviewers}
	if _, may := airlock.ShowComment(p, request, comment, policy); !may {
		r.Body, r.Record = "", json.RawMessage("null")
	}
}
