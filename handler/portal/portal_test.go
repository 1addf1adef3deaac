package portal

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// built is a bundle as the build makes it, small.
func built(t *testing.T, script string) fstest.MapFS {
	t.Helper()
	dist := fstest.MapFS{}
	for name, text := range map[string]string{
		page:           `<html><style>p{}</style><script src="/api/ui/{{build}}/app.js"></script></html>`,
		"app.js":       script,
		"preview.html": "<html><style>p{}</style><script>1</script></html>",
		"pdf.html":     "<html><style>p{}</style><script>1</script></html>",
	} {
		f, err := zip([]byte(text))
		require.NoError(t, err)
		dist["dist/"+name+".gz"] = &fstest.MapFile{Data: f.zipped}
	}
	return dist
}

const styleHash = "gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y="

var production = Config{SignIn: "https://login.microsoftonline.com/t/v2.0", LinkBase: "https://{account}.blob.core.windows.net"}

func newTest(t *testing.T, c Config, script string) *Portal {
	t.Helper()
	p, err := newPortal(c, built(t, script))
	require.NoError(t, err)
	return p
}

func buildOf(t *testing.T, p *Portal) string {
	t.Helper()
	b, err := p.bundle()
	require.NoError(t, err)
	return b.id
}

func ask(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestThePageNamesTheBuildItsPartsAreServedUnder(t *testing.T) {
	p := newTest(t, production, "one")
	w := ask(p, http.MethodGet, Prefix)
	require.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, "no-cache", w.Header().Get("Cache-Control"))
	script := regexp.MustCompile(`/api/ui/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/app\.js`).FindString(w.Body.String())
	require.NotEmpty(t, script, w.Body.String())

	asset := ask(p, http.MethodGet, script)
	assert.Equal(t, "one", asset.Body.String())
	assert.Equal(t, "public, max-age=31536000, immutable", asset.Header().Get("Cache-Control"))
	assert.Equal(t, "text/javascript; charset=utf-8", asset.Header().Get("Content-Type"))

	tag := w.Header().Get("ETag")
	same := ask(p, http.MethodGet, Prefix, "If-None-Match", `W/"x", `+tag)
	assert.Equal(t, http.StatusNotModified, same.Code)
	assert.Equal(t, w.Header().Get("Content-Security-Policy"), same.Header().Get("Content-Security-Policy"), "the browser's copy takes it over")
	other := newTest(t, production, "two")
	assert.Equal(t, http.StatusOK, ask(other, http.MethodGet, Prefix, "If-None-Match", tag).Code, "another script is another page")
	gone := ask(other, http.MethodGet, script)
	assert.Equal(t, http.StatusNotFound, gone.Code, "parts of another build")
	assert.Equal(t, "no-store", gone.Header().Get("Cache-Control"))
}

func TestWhoTakesGzipGetsIt(t *testing.T) {
	p := newTest(t, production, strings.Repeat("long ", 1000))
	path := Prefix + "/" + buildOf(t, p) + "/app.js"
	for header, zipped := range map[string]bool{"": false, "gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "gzip;q=0.0": false, "gzipped": false, "deflate": false} {
		w := ask(p, http.MethodGet, path, "Accept-Encoding", header)
		assert.Equal(t, zipped, w.Header().Get("Content-Encoding") == "gzip", header)
		assert.Equal(t, zipped, w.Body.Len() < 1000, header)
		assert.Equal(t, "Accept-Encoding", w.Header().Get("Vary"))
	}
	head := ask(p, http.MethodHead, path)
	assert.Equal(t, http.StatusOK, head.Code)
	assert.Zero(t, head.Body.Len())
}

func TestOnlyThePartsAreServed(t *testing.T) {
	p := newTest(t, production, "one")
	under := Prefix + "/" + buildOf(t, p)
	for _, path := range []string{Prefix + "/", under, under + "/", under + "/index.html", under + "/app.js/", under + "/app%2ejs", under + "/../app.js", under + "//app.js", Prefix + "/app.js"} {
		assert.Equal(t, http.StatusNotFound, ask(p, http.MethodGet, path).Code, path)
	}
	w := ask(p, http.MethodPost, Prefix)
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
	assert.Equal(t, "GET, HEAD, OPTIONS", w.Header().Get("Allow"))
	assert.Equal(t, http.StatusNoContent, ask(p, http.MethodOptions, Prefix).Code)
}

func TestThePoliciesNameWhatTheConfigurationNames(t *testing.T) {
	for c, want := range map[Config]string{
		production: "connect-src 'self' https://login.microsoftonline.com https://*.blob.core.windows.net;",
		{SignIn: "http://127.0.0.1:81/t/v2.0", LinkBase: "http://127.0.0.1:82/{account}"}: "connect-src 'self' http://127.0.0.1:81 http://127.0.0.1:82;",
	} {
		p := newTest(t, c, "one")
		for _, path := range []string{Prefix, Prefix + "/" + buildOf(t, p) + "/app.js", Prefix + "/nothing"} {
			h := ask(p, http.MethodGet, path).Header()
			assert.Contains(t, h.Get("Content-Security-Policy"), want)
			assert.Contains(t, h.Get("Content-Security-Policy"), "frame-ancestors 'none'")
			assert.Contains(t, h.Get("Content-Security-Policy"), "trusted-types 'none'")
			assert.Equal(t, "same-origin", h.Get("Cross-Origin-Opener-Policy"))
			assert.Equal(t, "no-referrer", h.Get("Referrer-Policy"))
			assert.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
		}
		// echo -n 'p{}' | openssl dgst -sha256 -binary | base64
		assert.Contains(t, ask(p, http.MethodGet, Prefix).Header().Get("Content-Security-Policy"), "style-src 'sha256-"+styleHash+"';", "the page carries its style")
		assert.Contains(t, ask(p, http.MethodGet, Prefix+"/nothing").Header().Get("Content-Security-Policy"), "style-src 'none';")
		for _, c := range closed {
			policy := ask(p, http.MethodGet, Prefix+"/"+buildOf(t, p)+"/"+c.name).Header().Get("Content-Security-Policy")
			assert.True(t, strings.HasPrefix(policy, "sandbox allow-scripts; default-src 'none'; script-src 'sha256-"), policy)
			assert.True(t, strings.HasSuffix(policy, "trusted-types "+c.trusted), "no name may be added, and none used twice: "+policy)
			assert.NotContains(t, policy, "connect-src", "default-src 'none' lets it ask nobody")
			// echo -n 1 | openssl dgst -sha256 -binary | base64
			assert.Contains(t, policy, "script-src 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='")
		}
	}
}

func TestABinaryWithoutAPortalSaysSo(t *testing.T) {
	p, err := newPortal(production, fstest.MapFS{})
	require.NoError(t, err)
	w := ask(p, http.MethodGet, Prefix)
	assert.Equal(t, http.StatusNotFound, w.Code)
	assert.Contains(t, w.Body.String(), "make portal")
	for name := range assets {
		half := built(t, "one")
		delete(half, stored(name))
		_, err = newPortal(production, half)
		require.ErrorContains(t, err, name)
		assert.NotErrorIs(t, err, ErrNotBuilt, "half a bundle is not none")
	}
	for _, name := range []string{page, "pdf.html"} {
		torn := built(t, "one")
		torn["dist/"+name+".gz"].Data = []byte("torn")
		p, err = newPortal(production, torn)
		require.NoError(t, err, "it is read when it is asked for")
		path := Prefix
		if name != page {
			path += "/" + buildOf(t, p) + "/" + name
		}
		w = ask(p, http.MethodGet, path)
		assert.Equal(t, http.StatusInternalServerError, w.Code, "no document without its policy")
		assert.NotContains(t, w.Header().Get("Cache-Control"), "immutable")
		assert.Empty(t, w.Header().Get("ETag"), "what cannot be read is nobody's copy")
	}
}

// TestTheHostForwardsWhatIsServed: a part without its function folder would be 404 on Azure.
func TestTheHostForwardsWhatIsServed(t *testing.T) {
	files, err := filepath.Glob("../../functions/GetPortal*/function.json")
	require.NoError(t, err)
	var routes []string
	for _, name := range files {
		raw, err := os.ReadFile(name)
		require.NoError(t, err)
		var f struct {
			Bindings []struct {
				Type, Route, AuthLevel string
				Methods                []string
			}
		}
		require.NoError(t, json.Unmarshal(raw, &f))
		for _, b := range f.Bindings {
			if b.Type == "httpTrigger" {
				routes = append(routes, b.Route)
				assert.Equal(t, "anonymous", b.AuthLevel, name)
				assert.Equal(t, []string{"get", "head", "options"}, b.Methods, name)
			}
		}
	}
	want := []string{"ui"}
	for name := range assets {
		want = append(want, "ui/{build_id:guid}/"+name)
	}
	assert.ElementsMatch(t, want, routes)
}
