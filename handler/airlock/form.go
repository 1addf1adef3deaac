package airlock

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// FieldKind is the type of a field of a request form.
type FieldKind string

// The kinds.
const (
	TextField     FieldKind = "text"      // one line
	LongTextField FieldKind = "long_text" // lines
	ChoiceField   FieldKind = "choice"    // one of the options
	ChoicesField  FieldKind = "choices"   // some of the options
	NumberField   FieldKind = "number"
	DateField     FieldKind = "date" // a day, 2006-01-02
	YesNoField    FieldKind = "yes_no"
)

// FieldKinds lists every kind.
func FieldKinds() []FieldKind {
	return []FieldKind{TextField, LongTextField, ChoiceField, ChoicesField, NumberField, DateField, YesNoField}
}

// Field is one question of a request form.
type Field struct {
	Name     string    `json:"name" pattern:"^[a-z][A-Za-z0-9_]{0,39}$" doc:"Name of the answer."`
	Label    string    `json:"label" minLength:"1" maxLength:"200" doc:"The question."`
	Help     string    `json:"help,omitempty" maxLength:"1000"`
	Kind     FieldKind `json:"kind" enum:"text,long_text,choice,choices,number,date,yes_no"`
	Options  []string  `json:"options,omitempty" maxItems:"50" doc:"Of choice and choices."`
	Required bool      `json:"required,omitempty" doc:"Submit needs an answer."`
	// Max bounds a text's characters, a number, or how many options are chosen.
	Max int64 `json:"max,omitempty" minimum:"0" doc:"Most characters, largest number, or most options; 0 is the kind's own limit."`
}

// Form is the questions of one direction, in their order.
type Form []Field

// Answers are a requestor's answers, by field name. Values have JSON's types:
// a text, a number, a truth value, or a list of texts.
type Answers map[string]any

// Hash is the lower-case hex SHA-256 of the answers as JSON, with the names in order.
func (a Answers) Hash() string {
	b, err := json.Marshal(a)
	if err != nil { // JSON's types
		panic(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Limits of forms and answers.
const (
	maxFields     = 40
	maxOptions    = 50
	maxOption     = 200
	maxText       = 500   // characters of a text
	maxLongText   = 4000  // characters of a long text
	maxAnswerText = 20000 // characters of all answers together: the row holds them
)

var fieldName = regexp.MustCompile(`^[a-z][A-Za-z0-9_]{0,39}$`)

// Check returns every rule of forms that the form breaks. where names it, e.g.
// "policy.form.export".
func (form Form) Check(where string) []Violation {
	var out []Violation
	bad := func(rule, format string, args ...any) {
		out = append(out, Violation{Rule: rule, Message: where + " " + fmt.Sprintf(format, args...)})
	}
	if len(form) > maxFields {
		bad("out_of_range", "has %d fields, more than %d.", len(form), maxFields)
	}
	seen := map[string]bool{}
	for i, f := range form {
		choice := f.Kind == ChoiceField || f.Kind == ChoicesField
		switch {
		case !fieldName.MatchString(f.Name):
			bad("bad_field", "field %d: a name begins with a lower-case letter and has at most 40 letters, digits and underscores.", i+1)
		case seen[f.Name]:
			bad("bad_field", "has two fields named %s.", f.Name)
		case !slices.Contains(FieldKinds(), f.Kind):
			bad("unknown_value", "field %s: %q is no kind of field.", f.Name, f.Kind)
		case f.Label == "" || utf8.RuneCountInString(f.Label) > 200 || utf8.RuneCountInString(f.Help) > 1000:
			bad("bad_field", "field %s: a label has 1 to 200 characters, a help text at most 1,000.", f.Name)
		case choice != (len(f.Options) > 0):
			bad("bad_field", "field %s: choice and choices have options, other kinds have none.", f.Name)
		case len(f.Options) > maxOptions || !distinctOptions(f.Options):
			bad("bad_field", "field %s: at most %d options, all different, each of 1 to %d characters.", f.Name, maxOptions, maxOption)
		case f.Max < 0:
			bad("out_of_range", "field %s: max is not negative.", f.Name)
		}
		seen[f.Name] = true
	}
	return out
}

func distinctOptions(options []string) bool {
	seen := map[string]bool{}
	for _, o := range options {
		if o == "" || utf8.RuneCountInString(o) > maxOption || seen[o] {
			return false
		}
		seen[o] = true
	}
	return true
}

// CheckAnswers returns everything that is wrong with the answers, each with the
// member it concerns. With complete, as at submit, required fields must be
// answered; without, as while a draft is edited, they may wait. An answer to
// no field of the form is wrong: nobody would be shown it.
func (form Form) CheckAnswers(answers Answers, complete bool) []Violation {
	var out []Violation
	total := 0
	for _, f := range form {
		value, answered := answers[f.Name]
		if !answered || isEmpty(value) {
			if complete && f.Required {
				out = append(out, Violation{Rule: "answer_missing", Member: "answers." + f.Name, Message: fmt.Sprintf("%q needs an answer.", f.Label)})
			}
			continue
		}
		wrong, length := f.check(value)
		if wrong != "" {
			out = append(out, Violation{Rule: "bad_answer", Member: "answers." + f.Name, Message: fmt.Sprintf("The answer to %q %s.", f.Label, wrong)})
		}
		total += length
	}
	for name := range answers {
		if !slices.ContainsFunc(form, func(f Field) bool { return f.Name == name }) {
			out = append(out, Violation{Rule: "unknown_answer", Member: "answers", Message: fmt.Sprintf("The form has no field %q.", shown(name))})
		}
	}
	if total > maxAnswerText {
		out = append(out, Violation{Rule: "answers_too_long", Member: "answers", Message: fmt.Sprintf("The answers have %d characters together, more than %d.", total, maxAnswerText)})
	}
	slices.SortStableFunc(out, func(a, b Violation) int { return strings.Compare(a.Member, b.Member) })
	return out
}

// isEmpty reports whether a value is no answer.
func isEmpty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// check returns an answer's fault, "" for none, and its length in
// characters.
func (f Field) check(value any) (wrong string, length int) {
	switch f.Kind {
	case TextField, LongTextField:
		return f.checkText(value)
	case ChoiceField:
		if text, ok := value.(string); !ok || !slices.Contains(f.Options, text) {
			return "is none of the options", 0
		}
	case ChoicesField:
		return f.checkChoices(value), 0
	case NumberField:
		n, ok := value.(float64)
		if !ok || math.IsNaN(n) || math.IsInf(n, 0) {
			return "is no number", 0
		}
		if f.Max > 0 && n > float64(f.Max) {
			return fmt.Sprintf("is above %d", f.Max), 0
		}
	case DateField:
		text, ok := value.(string)
		if _, err := time.Parse(time.DateOnly, text); !ok || err != nil {
			return "is no day such as 2026-01-31", 0
		}
	case YesNoField:
		if _, ok := value.(bool); !ok {
			return "is neither true nor false", 0
		}
	}
	return "", 0
}

func (f Field) checkText(value any) (wrong string, length int) {
	text, ok := value.(string)
	if !ok {
		return "is no text", 0
	}
	limit := int64(maxText)
	if f.Kind == LongTextField {
		limit = maxLongText
	}
	if f.Max > 0 {
		limit = min(limit, f.Max)
	}
	length = utf8.RuneCountInString(text)
	if int64(length) > limit {
		return fmt.Sprintf("has %d characters, more than %d", length, limit), length
	}
	return "", length
}

func (f Field) checkChoices(value any) string {
	list, ok := value.([]any)
	if !ok {
		return "is no list of options"
	}
	seen := map[string]bool{}
	for _, item := range list {
		text, ok := item.(string)
		if !ok || !slices.Contains(f.Options, text) || seen[text] {
			return "has something that is none of the options, or one of them twice"
		}
		seen[text] = true
	}
	if f.Max > 0 && int64(len(list)) > f.Max {
		return fmt.Sprintf("has more than %d options", f.Max)
	}
	return ""
}

// DefaultExportForm asks what reviewers of exports ask most. Nothing in it is
// required: clients that do not know forms can submit as before.
func DefaultExportForm() Form {
	return Form{
		{Name: "context", Label: "What do these files show?", Help: "The analysis, the variables, the population and the period.", Kind: LongTextField},
		{Name: "controls", Label: "How was disclosure controlled?", Help: "Rounding, suppression, aggregation, and the tool that did it.", Kind: LongTextField},
		{Name: "smallestCount", Label: "What is the smallest count of people behind any number?", Kind: NumberField},
		{Name: "datasets", Label: "Which data sets were used?", Kind: TextField},
	}
}
