package fault

import (
	"encoding/json"
	"net/http"
)

// Control is the test control:
//
//	GET    /calls?op=&match=&by=   {"count": the program's calls, "calls": [...]}
//	DELETE /calls                  empties the log and counts from 1 again
//	GET    /faults                 the rules still waiting
//	POST   /faults?op=&match=&by=&nth=&skip=&n=&do=&for=&final=&retryafter=
//	DELETE /faults                 removes all rules
func (f *Filter) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /calls", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		writeJSON(w, map[string]any{"count": f.Count(), "calls": f.Calls(q.Get("op"), q.Get("match"), q.Get("by"))})
	})
	mux.HandleFunc("DELETE /calls", func(w http.ResponseWriter, _ *http.Request) {
		f.Reset()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, f.Rules()) })
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) {
		rule, err := ParseRule(r.URL.Query())
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f.Add(rule)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		f.Clear()
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
