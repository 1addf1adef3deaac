package graph

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"example.org/airlock/localcloud/event"
)

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
