package grid

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"example.org/airlock/localcloud/event"
)

// publishLimit is Event Grid's limit for a whole request and for one event.
const publishLimit = 1 << 20

// customTopics exist whether or not somebody subscribes.
var customTopics = map[string]bool{
	"statuschanged": true, "notification": true, "stepresult": true, "datadeletion": true, "scanresult": true, "gates": true,
}

// topicID is the resource id of the topic of a subscription.
func (s Subscription) topicID() string {
	if customTopics[s.Topic] {
		return event.CustomTopic(s.Topic)
	}
	return event.StorageTopic(s.Topic)
}

// ServeHTTP takes a batch published to a custom topic: 200 with an empty body, or
// Event Grid's error document. A batch is taken as a whole or not at all.
func (g *Grid) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	topic := topicOf(r.Host)
	if !customTopics[topic] || r.URL.Path != "/api/events" {
		refuse(w, http.StatusNotFound, "NotFound", "no such topic: "+topic)
		return
	}
	if r.Method != http.MethodPost {
		refuse(w, http.StatusMethodNotAllowed, "MethodNotAllowed", "events are published with POST")
		return
	}
	if version := r.URL.Query().Get("api-version"); version != "2018-01-01" {
		refuse(w, http.StatusBadRequest, "BadRequest", "api-version is not supported: "+version)
		return
	}
	if g.config.Authorize != nil {
		if err := g.config.Authorize(r); err != nil {
			refuse(w, http.StatusUnauthorized, "Unauthorized", err.Error())
			return
		}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, publishLimit+1))
	if err != nil {
		refuse(w, http.StatusBadRequest, "BadRequest", "the request body ended early")
		return
	}
	if len(body) > publishLimit {
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "the maximum size is 1048576 bytes")
		return
	}
	events, err := parseBatch(topic, body)
	if err != nil {
		refuse(w, http.StatusBadRequest, "BadRequest", err.Error())
		return
	}
	for _, e := range events {
		g.publish(topic, e)
	}
}

// topicOf is the first label of a host, which is the short name of the topic.
func topicOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	topic, _, _ := strings.Cut(strings.ToLower(host), ".")
	return topic
}

// parseBatch reads an array of events and refuses it where Event Grid does.
func parseBatch(topic string, body []byte) ([]event.Event, error) {
	var events []event.Event
	if err := json.Unmarshal(body, &events); err != nil {
		return nil, fmt.Errorf("an array of events in Event Grid schema is expected: %w", err)
	}
	if len(events) == 0 {
		return nil, errors.New("the array holds no event")
	}
	for i := range events {
		e := &events[i]
		for _, required := range []struct{ name, value string }{
			{"id", e.ID}, {"subject", e.Subject}, {"eventType", e.EventType}, {"eventTime", e.EventTime}, {"dataVersion", e.DataVersion},
		} {
			if required.value == "" {
				return nil, fmt.Errorf("event %d: the required property %q was not set", i, required.name)
			}
		}
		if _, err := time.Parse(time.RFC3339Nano, e.EventTime); err != nil {
			return nil, fmt.Errorf("event %d: eventTime: %w", i, err)
		}
		id := event.CustomTopic(topic)
		if e.Topic != "" && !strings.EqualFold(e.Topic, id) {
			return nil, fmt.Errorf("event %d: topic must be left out or be the topic's resource id", i)
		}
		e.Topic, e.MetadataVersion = id, "1"
	}
	return events, nil
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": code, "message": message}})
}
