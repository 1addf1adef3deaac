package workflow

import (
	"encoding/json"

	"github.com/google/uuid"

	"example.org/airlock/handler/airlock"
)

// The data of outgoing events follows AzureTRE's events; members may be
// added, none is removed.

type statusChangedData struct {
	RequestID      airlock.RequestID   `json:"request_id"`
	NewStatus      airlock.Status      `json:"new_status"`
	PreviousStatus *airlock.Status     `json:"previous_status"`
	Type           airlock.RequestType `json:"type"`
	// WorkspaceID is the last four characters only: existing consumers expect it.
	WorkspaceID string `json:"workspace_id"`
	// Workspace is the whole id.
	Workspace airlock.WorkspaceID `json:"workspace"`
}

type stepResultData struct {
	CompletedStep airlock.Status      `json:"completed_step"`
	NewStatus     airlock.Status      `json:"new_status,omitempty"`
	RequestID     airlock.RequestID   `json:"request_id"`
	RequestFiles  []eventFile         `json:"request_files,omitempty"`
	StatusMessage *string             `json:"status_message"`
	Workspace     airlock.WorkspaceID `json:"workspace"`
}

type dataDeletionData struct {
	BlobToDelete string `json:"blob_to_delete"`
}

type eventFile struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

// filesInEvent bounds an event's list: Event Grid takes 1 MiB.
const filesInEvent = 100

func (c *change) emit(topic airlock.Topic, kind, version, subject string, data any) {
	body, err := json.Marshal(data)
	if err != nil { // plain values only
		panic(err)
	}
	c.events = append(c.events, airlock.Event{ID: uuid.NewString(), Topic: topic, Type: kind, DataVersion: version,
		Subject: subject, Time: c.at, Data: body, Request: c.ID, Workspace: c.Workspace})
}

func (c *change) emitStatusChanged(from airlock.Status) {
	data := statusChangedData{RequestID: c.ID, NewStatus: c.Status, Type: c.Type, Workspace: c.Workspace,
		WorkspaceID: string(c.Workspace[len(c.Workspace)-4:])}
	if from != airlock.NoStatus {
		data.PreviousStatus = &from
	}
	c.emit(airlock.TopicStatusChanged, airlock.EventStatusChanged, "2.0", string(c.ID)+"/statusChanged", data)
}

// emitStepResult reports a finished step of the system.
func (c *change) emitStepResult(completed airlock.Status) {
	data := stepResultData{CompletedStep: completed, NewStatus: c.Status, RequestID: c.ID, Workspace: c.Workspace, RequestFiles: c.eventFiles()}
	if c.StatusMessage != "" {
		data.StatusMessage = &c.StatusMessage
	}
	c.emit(airlock.TopicStepResult, airlock.EventStepResult, "1.0", string(c.ID), data)
}

// emitContinue asks for the step to go on: a result without a new status.
func (c *change) emitContinue() {
	c.emit(airlock.TopicStepResult, airlock.EventStepResult, "1.0", string(c.ID),
		stepResultData{CompletedStep: c.Status, RequestID: c.ID, Workspace: c.Workspace})
}

// emitDeletion asks for the containers in Work.Delete to be deleted.
func (c *change) emitDeletion(containers []airlock.Container, host func(account string) string) {
	for _, con := range containers {
		c.emit(airlock.TopicDataDeletion, airlock.EventDataDeletion, "1.0", string(c.ID),
			dataDeletionData{BlobToDelete: "https://" + host(con.Account) + "/" + string(con.Name) + "/"})
	}
}

// emitNotice leaves a notification in the outbox. Its recipients and its words are
// found out when it is published (package outbox).
func (c *change) emitNotice(kind string) {
	snapshot := c.told()
	snapshot.History, snapshot.Accounts = nil, nil
	for i := range snapshot.Files {
		f := snapshot.Files[i]
		snapshot.Files[i] = airlock.File{Name: f.Name, Size: f.Size}
	}
	snapshot.Files = snapshot.Files[:min(len(snapshot.Files), filesInEvent)]
	c.emit(airlock.TopicNotification, airlock.EventNotification, "4.0", string(c.ID)+"/airlockNotification",
		airlock.Notice{Kind: kind, Request: snapshot})
}

func (c *change) eventFiles() []eventFile {
	out := []eventFile{}
	for _, f := range c.told().Files[:min(len(c.Files), filesInEvent)] {
		out = append(out, eventFile{Name: f.Name, Size: f.Size})
	}
	return out
}

// told is the request as events and mails tell it: names of an export leave the
// workspace with its approval and not before.
func (c *change) told() airlock.Request {
	r := c.Clone()
	if c.Type == airlock.Export && c.Status != airlock.Approved {
		r = r.WithoutNames()
	}
	if r.Rule.Anonymous {
		r = r.WithoutReviewers("")
	}
	if c.Blind(c.ws.Policy) {
		r.Reviews = nil
	}
	return r
}
