package httpapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// description is the OpenAPI document's frame.
func description() *huma.OpenAPI {
	return &huma.OpenAPI{OpenAPI: "3.1.0",
		Info: &huma.Info{Title: "Airlock", Version: Version,
			Description: "The only way for data into and out of the workspaces of a Trusted Research Environment. " +
				"Compatible with the airlock API of AzureTRE; errors are problem documents (RFC 9457) with a stable code, and listing is paged. " +
				"Every path also answers OPTIONS, and HEAD where it has GET (except link). " +
				"Send bodies with a Content-Length: the Functions host drops the body of a chunked request."},
		Servers: []*huma.Server{{URL: prefix}},
		Components: &huma.Components{
			Schemas:  newRegistry(),
			Examples: problemExamples(),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"workspace": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "Token with the workspace's audience (client_id)."},
				"core":      {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "Token with the audience of the TRE as a whole."},
			}}}
}

// write writes the document.
func (a *API) write() []byte {
	document, err := json.Marshal(a.describe())
	if err != nil {
		panic("httpapi: the OpenAPI document cannot be written: " + err.Error())
	}
	return document
}

// describe describes the whole table. It panics where a route cannot be described, or where two types
// have one name.
func (a *API) describe() *huma.OpenAPI {
	d := description()
	all := huma.NewAPI(settings(d), humago.NewAdapter(&slot{}, prefix))
	describePolicy(d.Components.Schemas)
	shown := examples()
	for _, rt := range a.routes() {
		rt.handler(a, all, documented(rt, shown), rt)
	}
	describeQueries(d.Paths)
	return d
}

// operation is a route as huma needs it to answer.
func operation(rt route) huma.Operation {
	return huma.Operation{OperationID: cmp.Or(rt.id, rt.function), Method: rt.method, Path: rt.path, DefaultStatus: cmp.Or(rt.success, http.StatusOK),
		BodyReadTimeout: -1, MaxBodyBytes: -1} // takeBody has read it, and bounded it
}

// documented is a route as the document shows it.
func documented(rt route, shown map[string]any) huma.Operation {
	op := operation(rt)
	op.Summary, op.Responses, op.Security = rt.summary, map[string]*huma.Response{}, security(rt)
	op.Extensions = map[string]any{"x-function": rt.function}
	if rt.audience != noToken {
		op.Description = "Roles: " + strings.Join(roleNames(rt), ", ") + ". What each may do in which status: docs/access.md."
	}
	for status, codes := range byStatus(problemCodes(rt)) {
		op.Responses[strconv.Itoa(status)] = problemResponse(status, codes)
	}
	describeSuccess(&op, rt, shown)
	return op
}

func security(rt route) []map[string][]string {
	switch rt.audience {
	case coreToken, gateToken:
		return []map[string][]string{{"core": {}}}
	case workspaceToken, memberToken:
		return []map[string][]string{{"workspace": {}}, {"core": {}}}
	}
	return []map[string][]string{}
}

func roleNames(rt route) []string {
	roles := slices.Clone(rt.roles)
	if rt.audience == workspaceToken {
		roles = rolesFor(rt.action)
		if mayEver(administrator, rt.action) {
			roles = append(roles, adminOnly...)
		}
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return names
}

// problemCodes lists every problem a route can answer with.
func problemCodes(rt route) []string {
	codes := append([]string{codeUnexpected}, rt.codes...)
	if rt.audience != noToken {
		codes = append(codes, codeTokenMissing, codeTokenExpired, codeTokenSignature, codeTokenInvalid, codeRoleMissing, codeKeys, codeStorage, codeDamaged)
	}
	if rt.audience == workspaceToken || rt.audience == memberToken {
		codes = append(codes, codeNoWorkspace)
	}
	if strings.Contains(rt.path, "{") {
		codes = append(codes, codeNoRoute)
	}
	if strings.HasPrefix(rt.path, pathRequest) {
		codes = append(codes, codeNoRequest)
	}
	if rt.body {
		codes = append(codes, codeMalformed, codeBodyTimeout, codeBodyTooLarge, codeMediaType, codeInvalid)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func byStatus(codes []string) map[int][]string {
	out := map[int][]string{}
	for _, code := range codes {
		status := kindFor(code).status
		out[status] = append(out[status], code)
	}
	return out
}

// problemExamples shows every problem once.
func problemExamples() map[string]*huma.Example {
	examples := map[string]*huma.Example{}
	for _, k := range kinds {
		examples[k.code] = &huma.Example{Summary: k.title, Value: problemFor(&edgeError{code: k.code})}
	}
	return examples
}

// problemResponse describes the problems of one status.
func problemResponse(status int, codes []string) *huma.Response {
	enum := make([]any, len(codes))
	examples := map[string]*huma.Example{}
	for i, code := range codes {
		enum[i] = code
		examples[code] = &huma.Example{Ref: "#/components/examples/" + code}
	}
	r := &huma.Response{Description: fmt.Sprintf("%s: %s", http.StatusText(status), strings.Join(codes, ", ")),
		Content: map[string]*huma.MediaType{problemMedia: {Examples: examples,
			Schema: &huma.Schema{AllOf: []*huma.Schema{{Ref: "#/components/schemas/Problem"},
				{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"code": {Type: huma.TypeString, Enum: enum}}}}}},
			"text/plain": {Schema: &huma.Schema{Type: huma.TypeString, Description: "The detail alone, for clients that ask for text."}}}}
	switch status {
	case http.StatusUnauthorized:
		r.Headers = map[string]*huma.Param{"WWW-Authenticate": {Schema: &huma.Schema{Type: huma.TypeString}}}
	case http.StatusMethodNotAllowed:
		r.Headers = map[string]*huma.Param{"Allow": {Schema: &huma.Schema{Type: huma.TypeString}}}
	case http.StatusServiceUnavailable:
		r.Headers = map[string]*huma.Param{"Retry-After": {Description: "Seconds.", Schema: &huma.Schema{Type: huma.TypeString}}}
	}
	return r
}

// describeSuccess adds the facts that huma cannot see in the types.
func describeSuccess(op *huma.Operation, rt route, shown map[string]any) {
	if rt.describe != nil {
		rt.describe(op)
	}
	if rt.tagged {
		notModified(op)
	}
	if example, ok := shown[rt.function]; ok {
		op.Responses[strconv.Itoa(op.DefaultStatus)] = &huma.Response{Content: map[string]*huma.MediaType{"application/json": {Example: example}}}
	}
}

// storedDocument describes a document that is passed on as it is stored.
func storedDocument(op *huma.Operation) {
	op.Responses["200"] = &huma.Response{Description: "OK", Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}}}}
}

// storeUnavailable describes the health report that comes with a 503.
func storeUnavailable(op *huma.Operation) {
	op.Responses["503"] = &huma.Response{Description: "The state store cannot be reached", Content: map[string]*huma.MediaType{"application/json": {
		Schema: &huma.Schema{Ref: "#/components/schemas/HealthReport"}}}}
}

// describeQueries says of every query parameter that an empty one counts as none,
// which is how huma reads them.
func describeQueries(paths map[string]*huma.PathItem) {
	for _, item := range paths {
		if item.Get == nil { // no other method has parameters in the query
			continue
		}
		for _, p := range item.Get.Parameters {
			p.AllowEmptyValue = p.In == "query"
		}
	}
}

func newRegistry() huma.Registry {
	return huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
}

// register makes a type known under its name before it is referred to.
func register[T any](r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), false, "")
}
