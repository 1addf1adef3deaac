package defender

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Verdict is the scanner's word on a blob.
type Verdict string

// The verdicts. Auto lets the content decide; Silence publishes nothing.
const (
	Auto       Verdict = "auto"
	Clean      Verdict = "clean"
	Malicious  Verdict = "malicious"
	Error      Verdict = "error"
	NotScanned Verdict = "not-scanned"
	Silence    Verdict = "none"
)

// texts are the scanResultType of the verdicts that are published.
var texts = map[Verdict]string{
	Clean: "No threats found", Malicious: "Malicious", Error: "Error", NotScanned: "Not scanned",
}

func (v Verdict) text() string { return texts[v] }

func (v Verdict) known() bool { return v == Auto || v == Silence || texts[v] != "" }

// Rule forces the scanner's word.
type Rule struct {
	Verdict Verdict `json:"verdict"`
	// Blob limits the rule to blobs whose account/container/name contains it.
	Blob string `json:"blob,omitempty"`
	// Once ends the rule with the first scan it was used for.
	Once bool `json:"once,omitempty"`
	// NextRequest ties the rule to the container of the first scan it was used
	// for, so that further files and repeated scans of that request fare alike and
	// other requests don't.
	NextRequest bool `json:"nextRequest,omitempty"`
	// ETag makes the verdict one of another version of the blob.
	ETag string `json:"eTag,omitempty"`
	// Delay holds the verdict back.
	Delay Duration `json:"delay,omitempty"`
	// Reason is told with an inconclusive verdict; empty: a passing one.
	Reason string `json:"reason,omitempty"`
	// Tag is the word of the tag on the blob; empty: the same as the event. Silence leaves no tag. A rule with an ETag is
	// about another version and leaves none by itself.
	Tag Verdict `json:"tag,omitempty"`
	// TagDelay lets the tag come so much later than the event; 0: just before it.
	TagDelay Duration `json:"tagDelay,omitempty"`
	// Data takes the place of members of the event's data, to make odd events.
	Data map[string]any `json:"data,omitempty"`

	container string // of a NextRequest rule that was used
}

// Duration is a time.Duration that reads and writes JSON as Go's text, like "250ms".
type Duration time.Duration

// MarshalJSON writes the duration's text.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON reads the duration's text.
func (d *Duration) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return fmt.Errorf("a duration is text like \"250ms\": %w", err)
	}
	parsed, err := time.ParseDuration(text)
	*d = Duration(parsed)
	return err
}

// Force adds a rule. Of several that fit a blob the newest counts.
func (d *Defender) Force(r Rule) error {
	if !r.Verdict.known() || r.Tag != "" && !r.Tag.known() {
		return fmt.Errorf("defender: unknown verdict %q or tag %q", r.Verdict, r.Tag)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rules = append(d.rules, r)
	return nil
}

// Unforce removes all rules: every verdict comes from the content again.
func (d *Defender) Unforce() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rules = nil
}

// Rules lists the rules in force, oldest first.
func (d *Defender) Rules() []Rule {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Rule{}, d.rules...)
}

// rule is the rule for a blob, and whether there was one. A rule for once is used up.
func (d *Defender) rule(j *job) (Rule, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, r := range slices.Backward(d.rules) {
		if !strings.Contains(j.Account+"/"+j.Container+"/"+j.Name, r.Blob) || r.container != "" && r.container != j.Container {
			continue
		}
		if r.NextRequest {
			d.rules[i].container = j.Container
		}
		if r.Once {
			d.rules = slices.Delete(d.rules, i, i+1)
		}
		return r, true
	}
	return Rule{Verdict: Auto}, false
}

// Say publishes a verdict right now, whether or not there is such a blob, and tags the blob if it is the one with the
// ETag.
func (d *Defender) Say(ctx context.Context, account, container, name, etag string, v Verdict) error {
	if v.text() == "" {
		return fmt.Errorf("defender: %q can't be said", v)
	}
	j := &job{account, container, name, address(account, container, name)}
	if blob, err := d.config.Read(ctx, account, container, name, 0); err == nil && strings.Trim(blob.ETag, `"`) == etag {
		d.tag(ctx, j, v)
	}
	d.config.Publish(topic, verdictEvent(j, etag, Rule{Verdict: v}, strings.Repeat("0", 64)))
	return nil
}

// Scans lists the scans since the start, oldest first.
func (d *Defender) Scans() []Scan {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Scan{}, d.scans...)
}
