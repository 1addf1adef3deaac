package httpapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"example.org/airlock/handler/airlock"
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
