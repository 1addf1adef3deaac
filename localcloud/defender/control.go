package defender

import (
	"encoding/json"
	"net/http"
)

// Control is the test control over HTTP:
//
//	GET    /scans  the scans so far
//	GET    /rules  the rules           DELETE /rules  ends them all
//	POST   /rules  force a verdict, see Rule: {"verdict":"malicious","once":true}
//	POST   /verdict?verdict=…&blob=…  the same for the next request only; with last=true for all, and auto forgets everything
//	POST   /say    tag the blob if it has that ETag, and publish a verdict now: {"account":"…","container":"…","blob":"…","eTag":"…","verdict":"clean"}
func (d *Defender) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /scans", func(w http.ResponseWriter, _ *http.Request) { answer(w, d.Scans()) })
	mux.HandleFunc("GET /rules", func(w http.ResponseWriter, _ *http.Request) { answer(w, d.Rules()) })
	mux.HandleFunc("DELETE /rules", func(w http.ResponseWriter, _ *http.Request) { d.Unforce(); answer(w, d.Rules()) })
	mux.HandleFunc("POST /rules", func(w http.ResponseWriter, r *http.Request) {
		var rule Rule
		if read(w, r, &rule) && fine(w, d.Force(rule)) {
			answer(w, d.Rules())
		}
	})
	mux.HandleFunc("POST /verdict", func(w http.ResponseWriter, r *http.Request) {
		rule := Rule{Verdict: Verdict(r.FormValue("verdict")), Blob: r.FormValue("blob"), NextRequest: r.FormValue("last") != "true"}
		if rule.Verdict == Auto && rule.Blob == "" {
			d.Unforce()
			answer(w, d.Rules())
			return
		}
		if fine(w, d.Force(rule)) {
			answer(w, d.Rules())
		}
	})
	mux.HandleFunc("POST /say", func(w http.ResponseWriter, r *http.Request) {
		var said struct {
			Account, Container, Blob, ETag string
			Verdict                        Verdict
		}
		if read(w, r, &said) && fine(w, d.Say(r.Context(), said.Account, said.Container, said.Blob, said.ETag, said.Verdict)) {
			answer(w, said)
		}
	})
	return mux
}

// read decodes a request; a misspelt member is refused.
func read(w http.ResponseWriter, r *http.Request, value any) bool {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	return fine(w, decoder.Decode(value))
}

// fine answers 400 to an error, and is true if there is none.
func fine(w http.ResponseWriter, err error) bool {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
	return err == nil
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
