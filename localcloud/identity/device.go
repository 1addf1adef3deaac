package identity

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// device is a sign-in that a program waits for while somebody answers on another screen (RFC 8628).
type device struct {
	userCode string
	scope    string
	expires  time.Time
	persona  Persona // once somebody has answered
	answered bool
}

const deviceLife = 15 * time.Minute

// deviceCode starts a sign-in that waits for an answer on the page of codes. With a persona in login_hint, which
// scripts may send and Entra does not know, it is answered at once.
func (s *Server) deviceCode(w http.ResponseWriter, r *http.Request) {
	if _, err := findAudience(r.FormValue("scope")); err != nil {
		refuse(w, "invalid_scope", 70011, err.Error())
		return
	}
	d := &device{userCode: strings.ToUpper(secret()[:9]), scope: r.FormValue("scope"), expires: time.Now().Add(deviceLife)}
	if hint := r.FormValue("login_hint"); hint != "" {
		p, err := FindPersona(strings.TrimSuffix(hint, "@tre.example"))
		if err != nil {
			refuse(w, "invalid_grant", 50034, err.Error())
			return
		}
		d.persona, d.answered = p, true
	}
	code := secret()
	s.mu.Lock()
	for old, other := range s.devices {
		if time.Now().After(other.expires) {
			delete(s.devices, old)
		}
	}
	s.devices[code] = d
	s.mu.Unlock()
	where := s.Base + "/" + Tenant + "/oauth2/deviceauth"
	answer(w, http.StatusOK, map[string]any{"device_code": code, "user_code": d.userCode, "verification_uri": where,
		"expires_in": seconds(deviceLife), "interval": 1,
		"message": fmt.Sprintf("To sign in, use a web browser to open the page %s and enter the code %s to authenticate.", where, d.userCode)})
}

// fromDevice is where the program asks whether somebody has answered.
func (s *Server) fromDevice(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	d, ok := s.devices[r.FormValue("device_code")]
	answered := ok && d.answered
	expired := !ok || time.Now().After(d.expires)
	if answered || expired {
		delete(s.devices, r.FormValue("device_code"))
	}
	s.mu.Unlock()
	switch {
	case expired:
		refuse(w, "expired_token", 70020, "the device code is unknown, was used already, or has expired.")
	case !answered:
		refuse(w, "authorization_pending", 70016, "nobody has entered the code yet.")
	default:
		s.give(w, session{persona: d.persona, since: time.Now()}, d.scope, "")
	}
}

// deviceAuth asks for the code and who to be.
func (s *Server) deviceAuth(w http.ResponseWriter, r *http.Request) {
	page(w, http.StatusOK, picker, pickerOf(r, "user_code"))
}

func (s *Server) approveDevice(w http.ResponseWriter, r *http.Request) {
	p, err := FindPersona(r.FormValue("persona"))
	if err != nil {
		page(w, http.StatusBadRequest, refused, err.Error())
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.devices {
		if strings.EqualFold(d.userCode, strings.TrimSpace(r.FormValue("user_code"))) && !d.answered && time.Now().Before(d.expires) {
			d.persona, d.answered = p, true
			page(w, http.StatusOK, signedIn, p.DisplayName)
			return
		}
	}
	page(w, http.StatusBadRequest, refused, "No program waits with this code. It may have expired: start the sign-in again.")
}
