package cloud

import (
	"encoding/json"
	"net"
	"net/http"
	"strconv"
)

// controls lists the control API's routes, for people who look.
const controls = `The local cloud's test controls:

  GET    /calls?op=&match=&by=          calls to storage, Event Grid and Graph: {"count": the handler's, "calls": [...]}
  DELETE /calls                         empty the log and count from 1 again
  GET    /faults                        rules still waiting
  POST   /faults?op=&match=&by=&nth=&skip=&n=&do=&for=&final=&retryafter=
                                        do: 400..599, drop, lose, hold, delay, kill-before, kill-after
  DELETE /faults                        remove all rules
  POST   /handler/kill                  SIGKILL every handler process
  POST   /handler/idle?ready=           scale in: the first webhook call of each function answers 401;
                                        ready: groups that are kept, blob or function:NAME, repeatable
  POST   /identity/fail?status=&n=      managed identity answers the next n calls with status
  GET    /identity/asked                resources that tokens were asked for
  POST   /identity/end-sessions         all refresh tokens of people end: they have to sign in again

  /events/    GET stats, queue, published; POST pause, resume, replay, inject, settle; GET, PUT faults
  /defender/  GET scans; GET, POST, DELETE rules; POST verdict?verdict=&blob=&last=, say
  /graph/     GET, PUT directory; GET, PUT faults; GET calls
  /logicapp/  GET mails; PUT failure; POST webhook (Event Grid's)
  /clamav     POST: the webhook of the external gate clamav, where ClamAV is installed
`

// control is everything tests may do, and the two endpoints that programs of the cloud itself call: the managed
// identity and the Logic App's webhook.
func (c *Cloud) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(controls)) })
	mux.Handle("/msi/token", c.managed)
	mux.Handle("/calls", c.faults.Control())
	mux.Handle("/faults", c.faults.Control())
	mux.HandleFunc("POST /handler/kill", func(w http.ResponseWriter, _ *http.Request) {
		c.host.Kill()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /handler/idle", func(w http.ResponseWriter, r *http.Request) {
		c.host.Idle(r.URL.Query()["ready"]...)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /identity/fail", c.failIdentity)
	mux.HandleFunc("POST /identity/end-sessions", func(w http.ResponseWriter, _ *http.Request) {
		c.people.EndSessions()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /identity/asked", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(c.managed.Asked())
	})
	mux.Handle("/logicapp/", http.StripPrefix("/logicapp", c.mails))
	mux.Handle("/events/", http.StripPrefix("/events", c.grid.Control()))
	mux.Handle("/defender/", http.StripPrefix("/defender", c.defender.Control()))
	mux.Handle("/graph/", http.StripPrefix("/graph", c.graph.Control()))
	if c.clamAV != nil {
		mux.Handle("/clamav", c.clamAV)
	}
	return localOnly(mux)
}

func (c *Cloud) failIdentity(w http.ResponseWriter, r *http.Request) {
	status, errStatus := strconv.Atoi(r.URL.Query().Get("status"))
	n, errN := strconv.Atoi(r.URL.Query().Get("n"))
	if errStatus != nil || errN != nil || status < 400 || status > 599 {
		http.Error(w, "status=400..599 and n=NUMBER are needed", http.StatusBadRequest)
		return
	}
	c.managed.Fail(n, status)
	w.WriteHeader(http.StatusNoContent)
}

// localOnly refuses browsers: a web page must not be able to control the cloud, not even under a name that it makes
// point to 127.0.0.1.
func localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil || host != "127.0.0.1" && host != "localhost" || r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "" {
			http.Error(w, "not for browsers", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
