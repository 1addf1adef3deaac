package logicapp

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/event"
)

func send(t *testing.T, a *App, kind string, events ...event.Event) (int, string) {
	t.Helper()
	body, err := json.Marshal(events)
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodPost, "/webhook", bytes.NewReader(body))
	r.Header.Set("aeg-event-type", kind)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func notice(status string, more map[string]any) event.Event {
	data := map[string]any{
		"event_type": "status_changed",
		"recipients": []string{"grace@x"},
		"request":    map[string]any{"id": "r1", "status": status, "request_type": "import"},
		"workspace":  map[string]any{"display_name": "Genomics"},
	}
	for name, value := range more {
		data[name] = value
	}
	return event.New("airlockNotification", "r1/airlockNotification", "4.0", data)
}

func addresses(all []Mail) string {
	var to []string
	for _, m := range all {
		to = append(to, m.To)
	}
	return strings.Join(to, " ")
}

func TestWhoIsMailed(t *testing.T) {
	for _, test := range []struct {
		name   string
		status string
		more   map[string]any
		want   string
	}{
		{"a recipient", "in_review", nil, "grace@x"},
		{"recipients, each once", "submitted", map[string]any{"recipients": []string{"Cy@x", "dan@x", "cy@x", ""}}, "Cy@x dan@x"},
		{"nobody named", "approved", map[string]any{"recipients": []string{}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			a, err := New(dir, nil)
			require.NoError(t, err)
			e := notice(test.status, test.more)
			for range 2 { // delivered twice, mailed once
				status, body := send(t, a, "Notification", e)
				require.Equal(t, 202, status, body)
			}
			all, err := Mails(dir)
			require.NoError(t, err)
			assert.Equal(t, test.want, addresses(all))
		})
	}
}

func TestMailSaysWhatHappened(t *testing.T) {
	dir := t.TempDir()
	a, err := New(dir, nil)
	require.NoError(t, err)
	e := notice("in_review", map[string]any{"subject": "Airlock import: overdue", "message": "Grace <g> must review.", "event_type": "overdue"})
	send(t, a, "Notification", e)
	all, err := Mails(dir)
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Equal(t, "Airlock import: overdue", all[0].Subject)
	assert.Equal(t, "Grace <g> must review.\n\nId:      r1", all[0].Text)
	assert.Equal(t, "overdue", all[0].EventType)
	assert.Equal(t, "r1", all[0].RequestID)
	assert.Equal(t, "in_review", all[0].Status)
	assert.Equal(t, e.ID, all[0].EventID)

	again, err := New(dir, nil) // after a restart
	require.NoError(t, err)
	send(t, again, "Notification", e)
	w := httptest.NewRecorder()
	again.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/mails", nil))
	assert.Equal(t, 1, strings.Count(w.Body.String(), "grace@x"))
	r := httptest.NewRequest(http.MethodGet, "/mails", nil)
	r.Header.Set("Accept", "application/json")
	w = httptest.NewRecorder()
	again.ServeHTTP(w, r)
	var listed []Mail
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &listed))
	assert.Equal(t, all, listed)
}

func TestMailIsLaidOut(t *testing.T) {
	dir := t.TempDir()
	a, err := New(dir, nil)
	require.NoError(t, err)
	for held, holder := range map[string]string{
		"requestor": "Ada", "airlock_manager": "the airlock managers of workspace Genomics", "workspace_owner": "the workspace owners of workspace Genomics",
		"system": "the airlock itself", "nobody": "nobody, the request has ended", "somebody new": "somebody new",
	} {
		e := notice("approved", map[string]any{
			"recipients": []string{held + "@x"}, "subject": "Airlock import “Blood” in Genomics: approved", "message": "It is approved.",
			"next": "Ada reads the files.\nLink: GET x/link", "held_by": held, "request_url": "https://tre.example/r1",
			"request": map[string]any{"id": "r1", "status": "approved", "request_type": "import", "created_by": map[string]any{"name": "Ada"}},
		})
		status, body := send(t, a, "Notification", e)
		require.Equal(t, 202, status, body)
		all, err := Mails(dir)
		require.NoError(t, err)
		m := all[len(all)-1]
		assert.Equal(t, "Airlock import “Blood” in Genomics: approved", m.Subject)
		assert.Equal(t, "It is approved.\n\nNext:    Ada reads the files.\n         Link: GET x/link\nHeld by: "+holder+"\nRequest: https://tre.example/r1\nId:      r1", m.Text)
	}
	var out strings.Builder
	require.NoError(t, Print(&out, []Mail{{To: "ada@x", Subject: "S", Text: "One.\n\nTwo.", RequestID: "r1", Status: "draft"}}))
	assert.Equal(t, "0001-01-01T00:00:00Z  to ada@x  request r1  status draft\n    Subject: S\n\n    One.\n\n    Two.\n\n", out.String())
}

func TestHandshakeFailuresAndOddEvents(t *testing.T) {
	dir := t.TempDir()
	a, err := New(dir, nil)
	require.NoError(t, err)
	status, body := send(t, a, "SubscriptionValidation", event.New(event.Validation, "", "2", map[string]string{"validationCode": "abc"}))
	assert.Equal(t, 200, status)
	assert.JSONEq(t, `{"validationResponse":"abc"}`, body)

	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/failure", strings.NewReader(`{"status":503,"times":1}`)))
	require.Equal(t, 200, w.Code)
	e := notice("approved", nil)
	status, _ = send(t, a, "Notification", e)
	assert.Equal(t, 503, status)
	status, _ = send(t, a, "Notification", e)
	assert.Equal(t, 202, status)

	status, _ = send(t, a, "Notification", event.New("other", "s", "1", nil))
	assert.Equal(t, 202, status)
	status, _ = send(t, a, "Notification", event.New("airlockNotification", "s", "4.0", "text"))
	assert.Equal(t, 400, status)
	status, _ = send(t, a, "Notification")
	assert.Equal(t, 400, status)
	w = httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/failure", strings.NewReader(`{"status":1,"times":1}`)))
	assert.Equal(t, 400, w.Code)
	all, err := Mails(dir)
	require.NoError(t, err)
	assert.Len(t, all, 1)

	require.NoError(t, os.WriteFile(filepath.Join(dir, fileName), []byte("{\n"), 0o600))
	_, err = New(dir, nil)
	require.Error(t, err)
	empty := &bytes.Buffer{}
	require.NoError(t, Print(empty, nil))
	assert.Equal(t, "no mails yet\n", empty.String())
}
