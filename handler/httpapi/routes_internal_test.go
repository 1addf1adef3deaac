package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/identity"
)

// Look inside: the table, the router and the document, without a call.

// idle stands where a part is needed and never asked.
type idle struct {
	Service
	Operations
	Doctor
	Registry
	Verifier
}

func idleAPI() *API {
	return New(Config{Service: idle{}, Operations: idle{}, Doctor: idle{}, Registry: idle{}, Verifier: idle{},
		Redrive: func(context.Context, airlock.Principal, string, bool) error { return nil },
		BlobURL: func(account string) string { return "https://" + account }, Now: time.Now, Log: slog.New(slog.NewJSONHandler(io.Discard, nil))})
}

// TestFoldersRouterAndDocumentAgree: what the Functions host forwards, what the
// router takes and what the document describes are the same, all three ways.
func TestFoldersRouterAndDocumentAgree(t *testing.T) {
	a := idleAPI()
	var router, document, table []string
	for _, e := range a.router.entries {
		router = append(router, e.method+" "+strings.TrimPrefix(strings.Join(e.segments, "/"), prefix))
	}
	for path, item := range a.describe().Paths {
		for method, op := range map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
			http.MethodPatch: item.Patch, http.MethodDelete: item.Delete, http.MethodHead: item.Head} {
			if op != nil {
				document = append(document, method+" "+path)
				table = append(table, op.Extensions["x-function"].(string)+" "+method+" "+path)
			}
		}
	}
	assert.ElementsMatch(t, router, document)
	named, unnamed := folders(t)
	assert.ElementsMatch(t, named, table, "each row of routes.go has a folder functions/NAME with a function.json, of the same methods and path, and no other has one")
	assert.ElementsMatch(t, unnamed, unlisted(a), "name head, for a GET, and options among the methods of functions/NAME/function.json: they must get through the host too")
	assert.Len(t, router, len(a.routes()))
}

// folders lists the methods and paths of the function folders: those that the
// document lists one by one, with their function, and HEAD and OPTIONS.
func folders(t *testing.T) (named, unnamed []string) {
	files, err := filepath.Glob("../../functions/*/function.json")
	require.NoError(t, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		var f struct {
			Bindings []struct {
				Type, Route, AuthLevel string
				Methods                []string
			}
		}
		require.NoError(t, json.Unmarshal(raw, &f), file)
		for _, b := range f.Bindings {
			if b.Type != "httpTrigger" || b.Route == "ui" || strings.HasPrefix(b.Route, "ui/") { // package portal's
				continue
			}
			assert.Equal(t, "anonymous", b.AuthLevel, "%s: the handler checks tokens, not the host's keys", file)
			for _, m := range b.Methods {
				method, route := strings.ToUpper(m), routeOf(t, file, b.Route)
				if method == http.MethodHead || method == http.MethodOptions {
					unnamed = append(unnamed, method+" "+route)
					continue
				}
				named = append(named, filepath.Base(filepath.Dir(file))+" "+method+" "+route)
			}
		}
	}
	return named, unnamed
}

// unlisted are the methods that the document does not list route by route: HEAD
// where the router answers it, and OPTIONS once for every path.
func unlisted(a *API) (all []string) {
	options := map[string]bool{}
	for _, e := range a.router.entries {
		path := strings.TrimPrefix(strings.Join(e.segments, "/"), prefix)
		if !options[path] {
			all = append(all, "OPTIONS "+path)
		}
		options[path] = true
		if e.answersHead(http.MethodHead) {
			all = append(all, "HEAD "+path)
		}
	}
	return all
}

// routeOf takes the constraints off a route: every parameter must have one, so that
// nothing else is ever forwarded.
func routeOf(t *testing.T, file, route string) string {
	assert.Equal(t, strings.Count(route, "{"), strings.Count(route, ":guid}")+strings.Count(route, "{turn:int}")+strings.Count(route, "{number:int}")+strings.Count(route, "{gate:minlength(2):maxlength(31)}"), "%s: a parameter without a constraint", file)
	assert.NotContains(t, route, "*", "%s: a catch-all", file)
	return "/" + strings.NewReplacer(":guid}", "}", ":int}", "}", ":minlength(2):maxlength(31)}", "}").Replace(route)
}

// TestEveryRouteSaysWhoMayUseIt: a row without an audience, or with one but
// without roles, would let everybody in.
func TestEveryRouteSaysWhoMayUseIt(t *testing.T) {
	open := []string{}
	for _, rt := range idleAPI().routes() {
		switch rt.audience {
		case noToken:
			open = append(open, rt.function)
		case workspaceToken:
			assert.NotEmpty(t, rolesFor(rt.action), "%s: grant its action to somebody in airlock/access.go", rt.function)
			assert.Contains(t, airlock.Actions(), rt.action, "%s: its action is none of airlock/access.go", rt.function)
		case coreToken, memberToken, gateToken:
			assert.NotEmpty(t, rt.roles, "%s: its row in routes.go names no roles", rt.function)
		default:
			t.Errorf("%s has no audience", rt.function)
		}
		if strings.HasPrefix(rt.path, "/operations") || rt.method == http.MethodPut && rt.audience != gateToken {
			assert.Equal(t, adminOnly, rt.roles, rt.function)
		}
	}
	assert.ElementsMatch(t, []string{"GetMetadata", "GetHealth", "GetOpenAPI", "GetReceiptKeys", "ListGateRules"}, open)
}

func TestProblemTable(t *testing.T) {
	var codes []string
	for i, k := range kinds {
		codes = append(codes, k.code)
		assert.NotEmpty(t, k.title, k.code)
		assert.NotEmpty(t, k.detail, k.code)
		assert.NotEmpty(t, http.StatusText(k.status), k.code)
		if i == len(kinds)-1 {
			assert.Equal(t, codeUnexpected, k.code, "the last row takes what no other does")
		}
	}
	unique := slices.Compact(slices.Sorted(slices.Values(codes)))
	assert.Len(t, unique, len(codes), "a code twice")

	// Every code is documented on some route, or arises beside routes.
	documented := []string{codeMethod}
	for _, rt := range idleAPI().routes() {
		documented = append(documented, problemCodes(rt)...)
	}
	for _, code := range codes {
		assert.Contains(t, documented, code)
	}
	for _, code := range documented {
		assert.Contains(t, codes, code, "a route names a code that the table does not have")
	}
}

func TestLimitsOfTextsAreTheRules(t *testing.T) {
	schemas := idleAPI().describe().Components.Schemas.Map()
	assert.Equal(t, airlock.MaxTitle, *schemas["NewAirlockRequest"].Properties["title"].MaxLength)
	assert.Equal(t, airlock.MaxJustification, *schemas["NewAirlockRequest"].Properties["businessJustification"].MaxLength)
	assert.Equal(t, airlock.MaxExplanation, *schemas["NewReview"].Properties["decisionExplanation"].MaxLength)
	assert.Equal(t, airlock.MaxExplanation, *schemas["NewRevocation"].Properties["reason"].MaxLength)
}

func TestAccountNamesHaveAzuresPattern(t *testing.T) {
	for member, schema := range idleAPI().describe().Components.Schemas.Map()["WorkspaceAccounts"].Properties {
		assert.Equal(t, airlock.AccountNamePattern, schema.Pattern, member)
	}
}

// TestARouteJudgesByWhatTheDocumentSays: each is read alone when it is called, all together for the document.
func TestARouteJudgesByWhatTheDocumentSays(t *testing.T) {
	a := idleAPI()
	document := a.describe().Components.Schemas.Map()
	for _, rt := range a.routes() {
		handler, registry := a.read(rt)
		assert.NotNil(t, handler, rt.function)
		if !rt.body {
			continue // nothing is judged by a type of the answer
		}
		for name, alone := range registry.Map() {
			if name == "ErrorModel" { // huma's own form of a problem, which nobody gets to see
				continue
			}
			require.Contains(t, document, name, rt.function)
			assert.Equal(t, document[name], alone, "%s: %s", rt.function, name)
		}
	}
}

// refusing is a verifier that knows nobody.
type refusing struct{}

func (refusing) Verify(context.Context, string) (identity.Token, error) {
	return identity.Token{}, identity.ErrInvalid
}

// TestFirstCallsAtOnce: the race detector looks on while several callers are the first of every route, and of the document.
func TestFirstCallsAtOnce(t *testing.T) {
	a := idleAPI()
	a.config.Verifier = refusing{}
	id := strings.NewReplacer("{gate}", "scan", "{turn}", "1", "{number}", "1", "{", "", "}", "",
		"workspace_id", idOfExample, "airlock_request_id", idOfExample, "comment_id", idOfExample, "event_id", idOfExample)
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			assert.NotEmpty(t, a.OpenAPI())
			for _, rt := range a.routes() {
				if rt.audience == noToken {
					continue // nothing stands behind them here
				}
				w := httptest.NewRecorder()
				a.ServeHTTP(w, httptest.NewRequest(rt.method, prefix+id.Replace(rt.path), nil))
				assert.Equal(t, http.StatusUnauthorized, w.Code, "%s %s", rt.method, rt.path)
			}
		})
	}
	callers.Wait()
}

const idOfExample = "af89dccd-cdf8-4e47-8cfe-995faeac0f09"

func TestNewPanicsWithoutAPart(t *testing.T) {
	assert.Panics(t, func() { New(Config{}) })
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		idleAPI()
	}
}

// BenchmarkFirstCalls is what the first call of every route costs, and of the document.
func BenchmarkFirstCalls(b *testing.B) {
	a := idleAPI()
	for _, rt := range a.routes() {
		b.Run(rt.method+" "+rt.path, func(b *testing.B) {
			for b.Loop() {
				a.read(rt)
			}
		})
	}
	b.Run("document", func(b *testing.B) {
		for b.Loop() {
			a.write()
		}
	})
}
