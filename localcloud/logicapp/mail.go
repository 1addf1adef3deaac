package logicapp

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
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
	EventType  string   `json:"event_type"`
	Recipients []string `json:"recipients"`
	Subject    string   `json:"subject"`
	Message    string   `json:"message"`
	Next       string   `json:"next"`
	HeldBy     string   `json:"held_by"`
	RequestURL string   `json:"request_url"`
	Request    struct {
		ID        string `json:"id"`
		Type      string `json:"request_type"`
		Status    string `json:"status"`
		CreatedBy struct {
			Name string `json:"name"`
		} `json:"created_by"`
	} `json:"request"`
	Workspace struct {
		DisplayName string `json:"display_name"`
	} `json:"workspace"`
}

// mails are the mails of one notification: one for every recipient, each once.
func mails(eventID string, data json.RawMessage, now time.Time) ([]Mail, error) {
	var n notification
	if err := json.Unmarshal(data, &n); err != nil {
		return nil, fmt.Errorf("notification %s: %w", eventID, err)
	}
	m := Mail{Subject: n.Subject, Text: n.text(), RequestID: n.Request.ID, Status: n.Request.Status, EventType: n.EventType, Time: now, EventID: eventID}
	var all []Mail
	seen := map[string]bool{}
	for _, address := range n.Recipients {
		if key := strings.ToLower(address); address != "" && !seen[key] {
			seen[key] = true
			m.To = address
			all = append(all, m)
		}
	}
	return all, nil
}

// text says what has happened, what is next, who holds the request, and where it
// is; absent members are left out.
func (n notification) text() string {
	lines := []string{n.Message, ""}
	for _, label := range []struct{ name, text string }{
		{"Next", n.Next}, {"Held by", n.holder()}, {"Request", n.RequestURL}, {"Id", n.Request.ID},
	} {
		if label.text != "" {
			// A text of several lines stays under its label.
			lines = append(lines, fmt.Sprintf("%-9s%s", label.name+":", strings.ReplaceAll(label.text, "\n", "\n         ")))
		}
	}
	return strings.Join(lines, "\n")
}

// holder names in plain words who has to act.
func (n notification) holder() string {
	switch n.HeldBy {
	case "requestor":
		return cmp.Or(n.Request.CreatedBy.Name, "the requestor")
	case "airlock_manager", "workspace_owner":
		return "the " + strings.ReplaceAll(n.HeldBy, "_", " ") + "s of workspace " + n.Workspace.DisplayName
	case "system":
		return "the airlock itself"
	case "nobody":
		return "nobody, the request has ended"
	}
	return n.HeldBy
}

// Print writes mails for people: when, to whom and on which request, then the
// mail itself, indented.
func Print(w io.Writer, all []Mail) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "no mails yet")
		return err
	}
	for _, m := range all {
		text := strings.ReplaceAll(strings.ReplaceAll("Subject: "+m.Subject+"\n\n"+m.Text, "\n", "\n    "), "    \n", "\n")
		_, err := fmt.Fprintf(w, "%s  to %s  request %s  status %s\n    %s\n\n", m.Time.Format(time.RFC3339), m.To, m.RequestID, m.Status, text)
		if err != nil {
			return err
		}
	}
	return nil
}
