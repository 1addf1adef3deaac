package graph

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"example.org/airlock/localcloud/event"
)

// batchLimit is Graph's own.
const batchLimit = 20

func itoa(n int) string { return strconv.Itoa(n) }

func write(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json;odata.metadata=minimal;charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // a caller that left is nobody's failure
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	write(w, status, object{"error": object{"code": code, "message": message, "innerError": object{"request-id": event.NewID()}}})
}

func notFound(w http.ResponseWriter, id string) {
	refuse(w, http.StatusNotFound, "Request_ResourceNotFound", "Resource '"+id+"' does not exist or one of its queried reference-property objects are not present.")
}

// page answers a part of a collection: $top entities at most, and where to go on.
func (g *Graph) page(w http.ResponseWriter, r *http.Request, all []object) {
	query := r.URL.Query()
	size := g.config.PageSize
	if top := query.Get("$top"); top != "" {
		n, err := strconv.Atoi(top)
		if err != nil || n < 1 || n > 999 {
			refuse(w, http.StatusBadRequest, "Request_BadRequest", "Invalid page size specified: '"+top+"'. Must be between 1 and 999 inclusive.")
			return
		}
		size = min(n, size)
	}
	begin := 0
	if token := query.Get("$skiptoken"); token != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(token, "local-"))
		if err != nil || n < 0 || n > len(all) {
			refuse(w, http.StatusBadRequest, "Directory_ExpiredPageToken", "The specified page token value has expired and can no longer be included in your request.")
			return
		}
		begin = n
	}
	end := min(begin+size, len(all))
	value := []object{}
	for _, o := range all[begin:end] {
		value = append(value, o.selected(query.Get("$select")))
	}
	answer := object{"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#" + strings.TrimPrefix(r.URL.Path, "/v1.0/"), "value": value}
	if end < len(all) {
		query.Set("$skiptoken", "local-"+itoa(end))
		answer["@odata.nextLink"] = (&url.URL{Scheme: "https", Host: r.Host, Path: r.URL.Path, RawQuery: query.Encode()}).String()
	}
	write(w, http.StatusOK, answer)
}

// batch runs up to 20 calls in one; each has its own status, and faults strike
// each by itself.
func (g *Graph) batch(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Requests []struct {
			ID, Method, URL string
			Headers         map[string]string
			Body            json.RawMessage
		}
	}
	if json.NewDecoder(r.Body).Decode(&asked) != nil || len(asked.Requests) == 0 || len(asked.Requests) > batchLimit {
		refuse(w, http.StatusBadRequest, "BadRequest", "a batch holds 1 to 20 requests")
		return
	}
	responses := []object{}
	for _, part := range asked.Requests {
		request, err := http.NewRequestWithContext(r.Context(), part.Method, "https://"+r.Host+"/v1.0/"+strings.TrimPrefix(part.URL, "/"), bytes.NewReader(part.Body))
		if err != nil || strings.Contains(part.URL, "$batch") {
			refuse(w, http.StatusBadRequest, "BadRequest", "request "+part.ID+" can't be part of a batch")
			return
		}
		kept := &keeper{header: http.Header{}}
		g.answer(kept, request)
		headers := object{}
		for name := range kept.header {
			headers[name] = kept.header.Get(name)
		}
		if kept.status == 0 {
			return // it hung until the caller left
		}
		responses = append(responses, object{"id": part.ID, "status": kept.status, "headers": headers, "body": json.RawMessage(kept.body.Bytes())})
	}
	write(w, http.StatusOK, object{"responses": responses})
}

// keeper keeps the answer to a part of a batch.
type keeper struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *keeper) Header() http.Header         { return k.header }
func (k *keeper) WriteHeader(status int)      { k.status = status }
func (k *keeper) Write(p []byte) (int, error) { return k.body.Write(p) }
