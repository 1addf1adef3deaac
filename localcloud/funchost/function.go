package funchost

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Trigger types that this host knows.
const (
	httpTrigger      = "httpTrigger"
	eventGridTrigger = "eventGridTrigger"
	blobTrigger      = "blobTrigger"
	timerTrigger     = "timerTrigger"
)

// binding is one entry of function.json's bindings.
type binding struct {
	Type      string
	Direction string
	Name      string

	AuthLevel string    // httpTrigger
	Methods   *[]string // httpTrigger; missing means all
	Route     string    // httpTrigger

	Schedule     string // timerTrigger
	RunOnStartup bool   // timerTrigger
	UseMonitor   *bool  // timerTrigger

	Path       string // blobTrigger
	Source     string // blobTrigger
	Connection string // blobTrigger

	Cardinality string // eventGridTrigger
}

// function is one folder of the app.
type function struct {
	name     string
	trigger  binding
	route    route    // httpTrigger
	schedule schedule // timerTrigger
	watches  blobPath // blobTrigger
}

// nameRule is the host's rule for folder names (Utility.cs of azure-functions-host).
var nameRule = regexp.MustCompile(`(?i)^[a-z][a-z0-9_\-]{0,127}$`)

// readFunctions reads the function.json of every immediate sub-folder of the
// root, and of nothing deeper. A broken one is reported and left out; the others
// still load.
func readFunctions(a app, s settings) (functions []*function, broken []error) {
	entries, err := os.ReadDir(a.root)
	if err != nil {
		return nil, []error{err}
	}
	for _, entry := range entries {
		raw, err := os.ReadFile(filepath.Join(a.root, entry.Name(), "function.json"))
		if errors.Is(err, fs.ErrNotExist) || !entry.IsDir() {
			continue
		}
		f := &function{name: entry.Name()}
		if err == nil {
			err = f.read(raw, a, s)
		}
		if err != nil {
			broken = append(broken, fmt.Errorf("function %s: %w", entry.Name(), err))
			continue
		}
		functions = append(functions, f)
	}
	return functions, broken
}

func (f *function) read(raw []byte, a app, s settings) error {
	if !nameRule.MatchString(f.name) || strings.EqualFold(f.name, "host") {
		return errors.New("the folder's name is not allowed")
	}
	var file struct{ Bindings []binding }
	if err := json.Unmarshal(raw, &file); err != nil {
		return fmt.Errorf("function.json: %w", err)
	}
	inputs, outputs := []binding{}, []binding{}
	for _, b := range file.Bindings {
		if strings.EqualFold(b.Direction, "out") {
			outputs = append(outputs, b)
		} else {
			inputs = append(inputs, b)
		}
	}
	if len(inputs) != 1 || inputs[0].Name == "" {
		return errors.New("exactly one named trigger and no further input binding is supported here")
	}
	f.trigger = inputs[0]
	switch f.trigger.Type {
	case httpTrigger:
		return f.readHTTP(outputs, a)
	case eventGridTrigger:
		return nil
	case timerTrigger:
		return f.readTimer(s)
	case blobTrigger:
		return f.readBlob(s)
	}
	return fmt.Errorf("trigger type %q is not known here", f.trigger.Type)
}

// readHTTP accepts only the form that the host forwards as it is: one HTTP input, one HTTP
// output, forwarding on. The envelope for HTTP is not built here.
func (f *function) readHTTP(outputs []binding, a app) error {
	if !a.forward || len(outputs) != 1 || outputs[0].Type != "http" {
		return errors.New("HTTP functions need enableForwardingHttpRequest and exactly one http output here")
	}
	template := f.trigger.Route
	if template == "" {
		template = f.name
	}
	if a.routePrefix != "" {
		template = a.routePrefix + "/" + template
	}
	var err error
	f.route, err = parseRoute(template)
	return err
}

func (f *function) readTimer(s settings) error {
	text, err := s.expand(f.trigger.Schedule)
	if err != nil {
		return err
	}
	f.schedule, err = parseSchedule(text)
	return err
}

func (f *function) readBlob(s settings) error {
	if f.trigger.Source != "EventGrid" {
		return errors.New("a blob trigger without source EventGrid polls, which is not done here")
	}
	if err := s.connected(f.trigger.Connection); err != nil {
		return err
	}
	path, err := s.expand(f.trigger.Path)
	if err != nil {
		return err
	}
	f.watches, err = parseBlobPath(path)
	return err
}

// takes says whether the function answers the HTTP method.
func (f *function) takes(method string) bool {
	if f.trigger.Methods == nil {
		return true
	}
	for _, m := range *f.trigger.Methods {
		if strings.EqualFold(m, method) {
			return true
		}
	}
	return false
}
