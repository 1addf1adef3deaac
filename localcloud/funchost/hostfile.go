package funchost

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Defaults of host.json (HttpWorkerOptions.cs, ScriptJobHostOptionsSetup.cs of azure-functions-host).
const (
	defaultInitialization  = 30 * time.Second
	defaultFunctionTimeout = 30 * time.Minute
	defaultRoutePrefix     = "api"
)

// hostFile is host.json, as far as a custom handler's host reads it.
type hostFile struct {
	Version         string
	FunctionTimeout string
	Extensions      struct {
		HTTP struct{ RoutePrefix *string } `json:"http"`
	}
	CustomHandler struct {
		Description struct {
			DefaultExecutablePath string
			DefaultWorkerPath     string
			WorkingDirectory      string
			Arguments             []string
			WorkerArguments       []string
		}
		EnableForwardingHttpRequest bool
		InitializationTimeout       string
	}
}

// app is host.json with its defaults filled in.
type app struct {
	root           string
	program        string
	arguments      []string
	directory      string
	forward        bool
	routePrefix    string
	timeout        time.Duration // of one invocation; 0 is none
	initialization time.Duration
}

// readHostFile reads root/host.json. Errors: no file, not JSON, version other
// than 2.0, no executable, odd durations.
func readHostFile(root string, s settings) (app, error) {
	raw, err := os.ReadFile(filepath.Join(root, "host.json"))
	if err != nil {
		return app{}, err
	}
	var file hostFile
	if err := json.Unmarshal(raw, &file); err != nil {
		return app{}, fmt.Errorf("host.json: %w", err)
	}
	if file.Version != "2.0" {
		return app{}, fmt.Errorf("host.json: version is %q, not 2.0", file.Version)
	}
	handler, description := file.CustomHandler, file.CustomHandler.Description
	a := app{root: root, directory: root, forward: handler.EnableForwardingHttpRequest, routePrefix: defaultRoutePrefix}
	if prefix := file.Extensions.HTTP.RoutePrefix; prefix != nil {
		a.routePrefix = strings.Trim(*prefix, "/")
	}
	if description.WorkingDirectory != "" {
		a.directory = filepath.Join(root, description.WorkingDirectory)
	}
	if a.program, err = findProgram(root, s.expandLoosely(description.DefaultExecutablePath)); err != nil {
		return app{}, err
	}
	a.arguments = joinArguments(s, description.Arguments, description.DefaultWorkerPath, description.WorkerArguments)
	if a.timeout, err = parseSpan(file.FunctionTimeout, defaultFunctionTimeout); err != nil {
		return app{}, fmt.Errorf("host.json: functionTimeout: %w", err)
	}
	if a.initialization, err = parseSpan(handler.InitializationTimeout, defaultInitialization); err != nil {
		return app{}, fmt.Errorf("host.json: initializationTimeout: %w", err)
	}
	return a, nil
}

func findProgram(root, name string) (string, error) {
	if name == "" {
		return "", fmt.Errorf("host.json: customHandler.description.defaultExecutablePath is empty")
	}
	path := filepath.Join(root, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("host.json: no executable %s in %s or on PATH", name, root)
	}
	return path, nil
}

// joinArguments joins by blanks and lets them split again, as the host does: an
// argument that contains a blank becomes two.
func joinArguments(s settings, before []string, worker string, after []string) []string {
	all := append([]string{}, before...)
	if worker != "" {
		all = append(all, worker)
	}
	all = append(all, after...)
	return strings.Fields(s.expandLoosely(strings.Join(all, " ")))
}

// parseSpan reads a .NET TimeSpan like 00:05:00, 1.00:00:00 or 00:00:01.5; "-1"
// means none and gives 0, an empty text the default.
func parseSpan(text string, or time.Duration) (time.Duration, error) {
	if text == "" {
		return or, nil
	}
	if text == "-1" {
		return 0, nil
	}
	days, clock := 0, text
	if before, after, ok := strings.Cut(text, "."); ok && strings.Contains(after, ":") {
		n, err := strconv.Atoi(before)
		if err != nil {
			return 0, fmt.Errorf("%q is no time span", text)
		}
		days, clock = n, after
	}
	var hours, minutes int
	var seconds float64
	if n, err := fmt.Sscanf(clock, "%d:%d:%g", &hours, &minutes, &seconds); err != nil || n != 3 {
		return 0, fmt.Errorf("%q is no time span", text)
	}
	span := time.Duration(days*24+hours)*time.Hour + time.Duration(minutes)*time.Minute + time.Duration(seconds*float64(time.Second))
	if span < time.Second {
		return 0, fmt.Errorf("%q is shorter than a second", text)
	}
	return span, nil
}
