package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"example.org/airlock/handler/airlock"
)

// prefix stands before every path. It keeps the people's routes apart from the
// triggers, which the Functions host calls at /<FunctionName>.
const prefix = "/api"

// Version is the version of this API, as clients see it.
const Version = "1.0.0"

// Config holds the API's dependencies. All members are required.
type Config struct {
	Service    Service
	Operations Operations
	Doctor     Doctor
	Registry   Registry
	Verifier   Verifier
	// Redrive hands a parked event to its function once more, or forgets it.
	Redrive  func(ctx context.Context, p airlock.Principal, eventID string, discard bool) error
	Metadata Metadata
	Build    Build
	// BlobURL is how links to the containers of a storage account begin.
	BlobURL func(account string) string
	Now     func() time.Time
	// PlainErrors gives errors as text to clients that do not name JSON.
	PlainErrors bool
	Log         *slog.Logger
}

// Build names the running program.
type Build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Date    string `json:"date"`
}

// API serves everything under /api. It is safe for concurrent use.
type API struct {
	config     Config
	router     *router
	document   func() []byte // the OpenAPI document as served
	bodyWithin time.Duration
	within     time.Duration // see answerWithin
}

// New panics on a missing dependency, which is a wiring mistake, not a run-time
// condition. It starts nothing.
func New(c Config) *API {
	if c.Service == nil || c.Operations == nil || c.Doctor == nil || c.Registry == nil || c.Verifier == nil || c.Redrive == nil || c.BlobURL == nil || c.Now == nil || c.Log == nil {
		panic("httpapi: missing dependency")
	}
	a := &API{config: c, router: &router{}, bodyWithin: bodyWithin, within: 25 * time.Second}
	for _, rt := range a.routes() {
		a.router.add(rt.method, prefix+rt.path, rt.noHead, a.whenCalled(rt))
	}
	a.document = sync.OnceValue(a.write)
	return a
}

// OpenAPI is the API's description as it is served at /api/openapi.json.
func (a *API) OpenAPI() []byte { return a.document() }

// ServeHTTP answers one call and logs it.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{}
	out := &recorder{ResponseWriter: w}
	h := w.Header()
	// Answers hold names of people and signed links: nobody keeps a copy.
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	r = r.WithContext(withInvocation(context.WithValue(r.Context(), callKey{}, c), r.Header))
	h.Add("Vary", "Accept")
	if wantsText(r.Header.Values("Accept"), a.config.PlainErrors) {
		out.ResponseWriter = &plainErrors{ResponseWriter: w}
	}
	defer a.log(c, out, r)()
	answer := &conditional{ResponseWriter: out, asked: r, call: c}
	if err := a.router.serve(answer, r); err != nil {
		writeProblem(answer, problemFor(err))
	}
	answer.finish()
}

// settings are huma's. Its documentation pages, its $schema links and its other
// formats stay off: nothing is served that the routes table does not name.
func settings(described *huma.OpenAPI) huma.Config {
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshalStrictly}
	c := huma.Config{OpenAPI: described, DefaultFormat: "application/json",
		// huma looks up "json" for application/problem+json.
		Formats: map[string]huma.Format{"application/json": format, "json": format},
		// huma reports its own errors in its own form; callers see ours.
		Transformers: []huma.Transformer{func(_ huma.Context, _ string, v any) (any, error) { return asProblem(v), nil }}}
	// Existing clients send members that we do not know; they are ignored.
	c.AllowAdditionalPropertiesByDefault = true
	return c
}
