package portal

import (
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// Prefix is the path of the page; everything else of the portal is below it.
const Prefix = "/api/ui"

// Config holds the addresses in the page's headers.
type Config struct {
	// SignIn is the address of the token issuer: the page may ask its host for tokens.
	SignIn string
	// LinkBase is the pattern of links to files, with {account} in it: the page may ask those hosts for files.
	LinkBase string
}

// Portal serves the page and its parts. It is safe for concurrent use.
type Portal struct {
	built bool
	// bundle is read when the first of it is asked for: most instances answer the API alone, and a start should be quick.
	bundle func() (bundle, error)
	policy func(style string) string // of the page
}

// New finds the embedded portal. A binary without one serves 404 with the reason; one without a part of it is an error.
func New(c Config) (*Portal, error) { return newPortal(c, embedded) }

func newPortal(c Config, dist fs.FS) (*Portal, error) {
	err := look(dist)
	if err != nil && !errors.Is(err, ErrNotBuilt) {
		return nil, err
	}
	read := sync.OnceValues(func() (bundle, error) { return load(dist) })
	return &Portal{built: err == nil, bundle: read, policy: pagePolicy(c)}, nil
}

// Owns reports whether a path, as it came, belongs to the portal.
func Owns(path string) bool { return path == Prefix || strings.HasPrefix(path, Prefix+"/") }

// ServeHTTP answers for the page and its parts. A path is one of them to the letter or it is nothing.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.secure(w.Header())
	switch {
	case !p.built:
		notFound(w, ErrNotBuilt.Error())
	case r.Method == http.MethodOptions:
		w.Header().Set("Allow", "GET, HEAD, OPTIONS")
		w.WriteHeader(http.StatusNoContent)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD, OPTIONS")
		http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
	default:
		p.serve(w, r)
	}
}

func (p *Portal) serve(w http.ResponseWriter, r *http.Request) {
	b, err := p.bundle()
	switch {
	case err != nil:
		unreadable(w)
	case r.URL.EscapedPath() == Prefix:
		p.servePage(w, r, b)
	default:
		b.serveAsset(w, r)
	}
}

// secure sets the headers of every answer.
func (p *Portal) secure(h http.Header) {
	h.Set("Content-Security-Policy", p.policy("'none'"))
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), clipboard-read=()")
	h.Set("Strict-Transport-Security", "max-age=31536000")
	h.Set("Cache-Control", "no-store")
}

// servePage answers with the page, or says that the caller's copy is still good. A browser takes the headers of its
// copy from either answer (RFC 9111, section 3.2), so both carry the policy that fits the page.
func (p *Portal) servePage(w http.ResponseWriter, r *http.Request, b bundle) {
	html, err := b.page()
	if err != nil {
		unreadable(w)
		return
	}
	tag := `"` + b.id + `"`
	h := w.Header()
	h.Set("Content-Security-Policy", p.policy(html.style))
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", tag)
	h.Set("Vary", "Accept-Encoding")
	if matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	send(w, r, html.file, "text/html; charset=utf-8")
}

// serveAsset serves the parts of this build and of no other: a page of an older one has to be loaded anew.
func (b bundle) serveAsset(w http.ResponseWriter, r *http.Request) {
	build, name, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), Prefix+"/"), "/")
	media, known := assets[name]
	if !known || !strings.EqualFold(build, b.id) {
		notFound(w, "There is no such part of the portal. Reload the page.")
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	if policyOf := b.policies[name]; policyOf != nil {
		policy, err := policyOf()
		if err != nil {
			unreadable(w)
			return
		}
		h.Set("Content-Security-Policy", policy)
	}
	send(w, r, b.files[name], media)
}

func unreadable(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, "This part of the portal cannot be read.", http.StatusInternalServerError)
}

func notFound(w http.ResponseWriter, why string) { http.Error(w, why, http.StatusNotFound) }

// send compresses for every client that takes it: the Functions host does not.
func send(w http.ResponseWriter, r *http.Request, f file, media string) {
	content := f.zipped
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		w.Header().Set("Content-Encoding", "gzip")
	} else {
		var err error
		if content, err = f.plain(); err != nil {
			unreadable(w)
			return
		}
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(content) // the caller has gone; nobody is left to tell
	}
}

func acceptsGzip(header string) bool {
	for coding := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return strings.Trim(strings.TrimPrefix(strings.TrimSpace(weight), "q="), "0.") != "" || weight == ""
		}
	}
	return false
}

func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}

// pagePolicy lets the page run its own script, ask the API, the issuer and storage, and frame its own preview.
// Trusted Types forbid every place where text could become markup or script. The policy is complete with the source
// of the style that a document carries.
func pagePolicy(c Config) func(style string) string {
	connect := []string{"'self'"}
	for _, source := range []string{origin(c.SignIn), origin(strings.ReplaceAll(c.LinkBase, "{account}", "*"))} {
		if source != "" {
			connect = append(connect, source)
		}
	}
	return func(style string) string {
		return "default-src 'none'; script-src 'self'; style-src " + style + "; img-src 'self' data: blob:; connect-src " + strings.Join(connect, " ") +
			"; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
	}
}

// closedPolicy is for a document that shows files nobody has approved yet. The sandbox gives it an origin of its
// own, so that not even its own script could reach the page, the API or storage; opened by itself it is as poor.
func closedPolicy(document []byte, trusted string) string {
	return "sandbox allow-scripts; default-src 'none'; script-src " + inline(document, "script") + "; style-src " + inline(document, "style") +
		"; img-src blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types " + trusted
}

// origin is scheme, host and port of an address, "" if it has none.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
