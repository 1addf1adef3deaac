// Package openapi compares the running airlock's answers with the document
// with which it describes itself, as a client generated from that document
// would. It shares no code with the handler.
package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Description is an OpenAPI 3.1 document.
type Description struct {
	operations []Operation
	compiler   *jsonschema.Compiler
	compiled   map[string]*jsonschema.Schema
}

// Operation is one method of one path.
type Operation struct {
	Method, Path string
	// Parameters by place ("path", "query", "header"), in the document's order.
	Parameters map[string][]Parameter
	// Body is the schema of a JSON request body, nil for none.
	Body      any
	responses map[string]any
}

// Parameter is one input beside the body.
type Parameter struct {
	Name   string
	Schema map[string]any
}

const resource = "openapi.json"

// Read parses a document.
func Read(raw []byte) (*Description, error) {
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	root, _ := parsed.(map[string]any)
	paths, ok := root["paths"].(map[string]any)
	if !ok {
		return nil, errors.New("openapi: no paths")
	}
	d := &Description{compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}}
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource(resource, parsed); err != nil {
		return nil, err
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item, _ := paths[path].(map[string]any)
		for _, method := range slices.Sorted(maps.Keys(item)) {
			d.operations = append(d.operations, operation(strings.ToUpper(method), path, item[method].(map[string]any)))
		}
	}
	return d, nil
}

func operation(method, path string, o map[string]any) Operation {
	out := Operation{Method: method, Path: path, Parameters: map[string][]Parameter{}, responses: o["responses"].(map[string]any)}
	list, _ := o["parameters"].([]any)
	for _, entry := range list {
		p := entry.(map[string]any)
		schema, _ := p["schema"].(map[string]any)
		place := p["in"].(string)
		out.Parameters[place] = append(out.Parameters[place], Parameter{Name: p["name"].(string), Schema: schema})
	}
	if body, ok := o["requestBody"].(map[string]any); ok {
		if media, ok := body["content"].(map[string]any)["application/json"].(map[string]any); ok {
			out.Body = media["schema"]
		}
	}
	return out
}

// Operations lists all operations, by path and method.
func (d *Description) Operations() []Operation { return d.operations }

// Check says what is wrong with an answer to o: a status, media type or body
// that the document does not promise. nil means that it keeps its word.
func (d *Description) Check(o Operation, resp *http.Response, body []byte) error {
	status := strconv.Itoa(resp.StatusCode)
	promised, ok := o.responses[status].(map[string]any)
	if !ok {
		return fmt.Errorf("%s %s answered %s, which is not documented", o.Method, o.Path, status)
	}
	if promised["content"] == nil && len(body) == 0 {
		return nil
	}
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("%s %s answered %s with the content type %q", o.Method, o.Path, status, resp.Header.Get("Content-Type"))
	}
	content, _ := promised["content"].(map[string]any)
	if content[media] == nil {
		return fmt.Errorf("%s %s answered %s with %s, which is not documented", o.Method, o.Path, status, media)
	}
	schema, err := d.schema(o, status, media)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s %s answered %s with a body that is no JSON: %w", o.Method, o.Path, status, err)
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("%s %s answered %s with a body that is not as documented: %w", o.Method, o.Path, status, err)
	}
	return nil
}

func (d *Description) schema(o Operation, status, media string) (*jsonschema.Schema, error) {
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace
	where := resource + "#/paths/" + escape(o.Path) + "/" + strings.ToLower(o.Method) + "/responses/" + status + "/content/" + escape(media) + "/schema"
	if d.compiled[where] == nil {
		s, err := d.compiler.Compile(where)
		if err != nil {
			return nil, err
		}
		d.compiled[where] = s
	}
	return d.compiled[where], nil
}
