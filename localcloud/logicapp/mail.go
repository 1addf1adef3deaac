package logicapp

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Mail is one mail to one person.
type Mail struct {
	To        string    `json:"to"`
	Subject   string    `json:"subject"`
	Text      string    `json:"text"`
	RequestID string    `json:"requestId"`
	Status    string    `json:"status"`
	EventType string    `json:"eventType"` // status_changed, or overdue
	Time      time.Time `json:"time"`
	EventID   string    `json:"eventId"`
}

// notification is the data of an airlockNotification, as far as mails need it.
type notification struct {
	EventType  string              `json:"event_type"`
	Recipients []string            `json:"recipients"`
	ByRole     map[string][]string `json:"recipient_emails_by_role"`
	Request    struct {
		ID     string `json:"id"`
		Type   string `json:"request_type"`
		Status string `json:"status"`
	} `json:"request"`
	Workspace struct {
		DisplayName string `json:"display_name"`
	} `json:"workspace"`
}

// toldByRole is whom AzureTRE's own notifier mails when an event names no
// recipients itself.
var toldByRole = map[string]string{"approved": "workspace_researcher", "in_review": "airlock_manager"}

// mails are what one notification leads to: one for every recipient, each once.
func mails(eventID string, data json.RawMessage, now time.Time) ([]Mail, error) {
	var n notification
	if err := json.Unmarshal(data, &n); err != nil {
		return nil, fmt.Errorf("notification %s: %w", eventID, err)
	}
	to := n.Recipients
	if to == nil {
		to = n.ByRole[toldByRole[n.Request.Status]]
	}
	what := strings.ReplaceAll(n.Request.Status, "_", " ")
	if n.EventType != "" && n.EventType != "status_changed" {
		what = strings.ReplaceAll(n.EventType, "_", " ") + " (" + what + ")"
	}
	subject := fmt.Sprintf("Airlock %s in workspace %s: %s", n.Request.Type, n.Workspace.DisplayName, what)
	var all []Mail
	seen := map[string]bool{}
	for _, address := range to {
		if key := strings.ToLower(address); address != "" && !seen[key] {
			seen[key] = true
			all = append(all, Mail{address, subject, text(n, data), n.Request.ID, n.Request.Status, n.EventType, now, eventID})
		}
	}
	return all, nil
}

// text says which request it is about, and repeats every sentence that the event
// brings along for people.
func text(n notification, data json.RawMessage) string {
	lines := []string{fmt.Sprintf("Airlock request %s is %s.", n.Request.ID, strings.ReplaceAll(n.Request.Status, "_", " "))}
	var members map[string]any
	_ = json.Unmarshal(data, &members) // was read before
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if sentence, ok := members[name].(string); ok && name != "event_type" && sentence != "" {
			lines = append(lines, sentence)
		}
	}
	return strings.Join(lines, "\n")
}

// Print writes mails for people: a line for each, its text indented below.
func Print(w io.Writer, all []Mail) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "no mails yet")
		return err
	}
	for _, m := range all {
		_, err := fmt.Fprintf(w, "%s  to %s  request %s  status %s  %s\n    %s\n", m.Time.Format(time.RFC3339), m.To, m.RequestID, m.Status,
			m.Subject, strings.ReplaceAll(m.Text, "\n", "\n    "))
		if err != nil {
			return err
		}
	}
	return nil
}
