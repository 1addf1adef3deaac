package wording

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"example.org/airlock/handler/airlock"
)

// fill replaces the placeholders of a text. Replaced text is not looked at
// again, so a title cannot smuggle a placeholder in. Only what the text asks for is
// worked out: a page of a list has many texts, and most have no placeholder.
func fill(s string, r airlock.Request, ws airlock.Workspace) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		word, behind, closed := strings.Cut(rest, "}")
		if value, known := placeholders[word]; closed && known {
			out.WriteString(value(r, ws))
			s = behind
			continue
		}
		out.WriteString("{")
		s = rest
	}
}

// placeholders are the words that a text may have in braces.
var placeholders = map[string]func(airlock.Request, airlock.Workspace) string{
	"The request": func(r airlock.Request, _ airlock.Workspace) string { return "The " + titled(r) },
	"the request": func(r airlock.Request, _ airlock.Workspace) string { return "the " + titled(r) },
	"workspace":   func(_ airlock.Request, ws airlock.Workspace) string { return Line(ws.DisplayName, airlock.MaxTitle) },
	"Requestor":   func(r airlock.Request, _ airlock.Workspace) string { return name(r.CreatedBy, "The requestor") },
	"requestor":   func(r airlock.Request, _ airlock.Workspace) string { return name(r.CreatedBy, "the requestor") },
	"actor":       func(r airlock.Request, _ airlock.Workspace) string { return name(r.UpdatedBy, "somebody") },
	"reviewer":    of(reviewer), "asked": of(asked), "changes": of(changes), "approvers": of(approvers),
	"Reviewers":          func(r airlock.Request, ws airlock.Workspace) string { who, _ := reviewersOf(r, ws); return who },
	"approve or reject":  func(r airlock.Request, ws airlock.Workspace) string { _, verb := reviewersOf(r, ws); return verb },
	"files":              func(r airlock.Request, _ airlock.Workspace) string { return files(r.Files) },
	"the released files": numbered("the released file", "the released files"), "the files": numbered("the file", "the files"),
	"its files are": numbered("its file is", "its files are"), "them": numbered("it", "them"),
	"scan": of(scan), "fetches the files": of(fetches),
	"status": func(r airlock.Request, _ airlock.Workspace) string { return statusOf(r.Status) },
	"since": func(r airlock.Request, _ airlock.Workspace) string {
		return r.StatusSince.UTC().Format("2 January 2006, 15:04 UTC")
	},
	"reason": func(r airlock.Request, _ airlock.Workspace) string {
		return sentence(firstOf(r.BlockReason, r.StatusMessage))
	},
	"note":  func(r airlock.Request, _ airlock.Workspace) string { return sentence(r.StatusMessage) },
	"cause": func(r airlock.Request, _ airlock.Workspace) string { return after(": ", cause(r)) },
}

func of(f func(airlock.Request) string) func(airlock.Request, airlock.Workspace) string {
	return func(r airlock.Request, _ airlock.Workspace) string { return f(r) }
}

func numbered(one, many string) func(airlock.Request, airlock.Workspace) string {
	return func(r airlock.Request, _ airlock.Workspace) string { return inNumber(r.Files, one, many) }
}

// titled names a request.
func titled(r airlock.Request) string {
	return fmt.Sprintf("%s request “%s”", r.Type, Line(r.Title, airlock.MaxTitle))
}

// reviewersOf says who reads the files, and what else they do, in the right
// number: "An airlock manager reads", "approves or rejects".
func reviewersOf(r airlock.Request, ws airlock.Workspace) (who, verb string) {
	other := " other than the requestor"
	if ws.Policy.Review.AllowSelfReview {
		other = ""
	}
	// The policy has the number in force; the request's is for display.
	if missing := r.RuleUnder(ws.Policy).Required - r.Approvals(); missing > 1 {
		return fmt.Sprintf("%d airlock managers%s read", missing, other), "approve or reject"
	}
	return "An airlock manager" + other + " reads", "approves or rejects"
}

func reviewer(r airlock.Request) string {
	const unknown = "an airlock manager"
	if n := len(r.Reviews); n > 0 {
		return name(r.Reviews[n-1].Reviewer, unknown)
	}
	return name(r.UpdatedBy, unknown)
}

// asked lists the changes that reviewers want, in their own words.
func asked(r airlock.Request) string {
	var out strings.Builder
	for _, v := range r.Reviews {
		if v.Decision == airlock.DecisionChanges {
			out.WriteString(sentence(v.Explanation))
			out.WriteString(aboutFiles(r, v))
		}
	}
	return out.String()
}

// aboutFiles lists a reviewer's words on single files, as far as a mail has room.
func aboutFiles(r airlock.Request, v airlock.Review) string {
	var out strings.Builder
	for _, f := range v.Files[:min(len(v.Files), 20)] {
		if f.Comment != "" && f.File < len(r.Files) {
			out.WriteString(sentence(Line(r.Files[f.File].Name, 100) + ": " + f.Comment))
		}
	}
	return out.String()
}

// changes says how the files changed since the turn before, "" in the first turn.
func changes(r airlock.Request) string {
	if r.Changed == nil {
		return ""
	}
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{{r.Changed.New, "new"}, {r.Changed.Changed, "changed"}, {r.Changed.Renamed, "renamed"}, {r.Changed.Removed, "removed"}, {r.Changed.Unchanged, "unchanged"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return sentence(fmt.Sprintf("It is turn %d; since the turn before: %s", r.Turn(), strings.Join(parts, ", ")))
}

func capital(s string) string {
	r := []rune(s)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

// approvers names all who approved, in the order they did.
func approvers(r airlock.Request) string {
	var names []string
	for _, v := range r.Reviews {
		if n := name(v.Reviewer, "an airlock manager"); v.Decision == airlock.DecisionApproved && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	switch n := len(names); n {
	case 0:
		return reviewer(r)
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

// filesInNotice is how many files a notice lists at most.
const filesInNotice = 100

func files(list []airlock.File) string {
	switch n := len(list); {
	case n == 1:
		return "1 file"
	case n >= filesInNotice:
		return fmt.Sprintf("%d files or more", filesInNotice)
	default:
		return fmt.Sprintf("%d files", n)
	}
}

func inNumber(list []airlock.File, one, many string) string {
	if len(list) == 1 {
		return one
	}
	return many
}

func scan(r airlock.Request) string {
	if r.ScanRequired {
		return " and has " + inNumber(r.Files, "it", "them") + " scanned for malware"
	}
	return " for the review"
}

func fetches(r airlock.Request) string {
	the := inNumber(r.Files, "the file", "the files")
	if r.Type == airlock.Import {
		return "reads " + the + " from inside the workspace"
	}
	return "downloads " + the
}

func statusOf(s airlock.Status) string {
	if words, ok := statusWords[s]; ok {
		return words
	}
	return strings.ReplaceAll(string(s), "_", " ")
}

func cause(r airlock.Request) string {
	if r.Failure != nil {
		return r.Failure.Cause
	}
	return strings.TrimPrefix(r.StatusMessage, "Request failed: ")
}

func name(p airlock.Principal, unknown string) string {
	return firstOf(Line(p.Name, airlock.MaxTitle), unknown)
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// sentence makes a status message a sentence behind another one.
func sentence(s string) string {
	s = after(" ", s)
	if s == "" {
		return ""
	}
	return " " + capital(s[1:]) + "."
}

// after puts a part of a sentence behind a separator, and nothing when there is
// none. A full stop at its end is dropped: the sentence has its own.
func after(separator, s string) string {
	s = strings.TrimSuffix(Line(s, 500), ".")
	if s == "" {
		return ""
	}
	return separator + s
}

// Line makes text of people fit for one line of a mail: no line breaks, no
// other control characters, at most limit characters.
func Line(s string, limit int) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		// Bidirectional controls would turn the rest of the sentence around.
		if unicode.IsControl(r) || r == 0x2028 || r == 0x2029 || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, s)), " ")
	if runes := []rune(s); len(runes) > limit {
		s = string(runes[:limit-1]) + "…"
	}
	return s
}
