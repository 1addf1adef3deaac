package identity

import (
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

//go:embed pages.html
var pages embed.FS

var templates = template.Must(template.ParseFS(pages, "pages.html"))

// Names of the pages in pages.html.
const (
	picker    = "picker"
	formPost  = "form-post"
	refused   = "refused"
	signedIn  = "signed-in"
	signedOut = "signed-out"
)

// page answers with a page for people. Another site must not show it in a frame and have somebody press a button.
func page(w http.ResponseWriter, status int, name string, data any) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	_ = templates.ExecuteTemplate(w, name, data)
}

// pickerData fills the page where one chooses who to be.
type pickerData struct {
	Method   string
	Code     string // of a device
	Hidden   url.Values
	Personas []pickerPersona
}

type pickerPersona struct {
	Persona
	Roles string // in each workspace
}

// pickerOf carries the parameters of the call along; with a name of a parameter it asks for that one.
func pickerOf(r *http.Request, asked ...string) pickerData {
	d := pickerData{Method: http.MethodGet, Hidden: url.Values{}}
	for name, values := range r.URL.Query() {
		if name != "persona" && name != "prompt" && name != "login_hint" && !slices.Contains(asked, name) {
			d.Hidden[name] = values[:1]
		}
	}
	if len(asked) > 0 {
		d.Method, d.Code = http.MethodPost, r.FormValue(asked[0])
	}
	for _, p := range Personas() {
		d.Personas = append(d.Personas, pickerPersona{Persona: p, Roles: rolesInWords(p)})
	}
	return d
}

// rolesInWords says what somebody is, such as "Genomics: WorkspaceResearcher; Imaging: no member; core: TREUser".
func rolesInWords(p Persona) string {
	var parts []string
	for _, w := range Workspaces() {
		roles, member := w.Roles[p.Name]
		words := strings.Join(roles, ", ")
		switch {
		case !member:
			words = "no member"
		case len(roles) == 0:
			words = "no role"
		}
		parts = append(parts, w.DisplayName+": "+words)
	}
	return strings.Join(append(parts, "core: "+strings.Join(p.CoreRoles, ", ")), "; ")
}

func quoted(s string) string { return strconv.Quote(s[:min(len(s), 200)]) }
