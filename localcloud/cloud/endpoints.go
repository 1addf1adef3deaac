package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"example.org/airlock/localcloud/identity"
)

// Endpoints is the file that a running local cloud writes to DIR/endpoints.json, for scripts.
type Endpoints struct {
	API        string            `json:"api"`    // http://127.0.0.1:PORT/api
	Host       string            `json:"host"`   // the Functions host's front: API, webhooks, admin
	Blob       string            `json:"blob"`   // http://127.0.0.1:PORT/{account}, for people with a link
	CAFile     string            `json:"caFile"` // for programs behind the proxy: SSL_CERT_FILE
	Proxy      string            `json:"proxy"`  // for programs: HTTPS_PROXY
	Issuer     string            `json:"issuer"` // of people's tokens
	TokenURL   string            `json:"tokenEndpoint"`
	Tenant     string            `json:"tenant"`
	Audiences  map[string]string `json:"audiences"`  // "core" and workspace names to token audience
	Workspaces map[string]string `json:"workspaces"` // name to id
	Accounts   []string          `json:"accounts"`   // storage accounts
	Compact    []string          `json:"compact"`    // who has the compact layout: "core", workspaces by name
	Control    string            `json:"control"`    // test controls; GET it for a list
	LogFile    string            `json:"logFile"`
	PID        int               `json:"pid"`
	HandlerPID string            `json:"handlerPidFile"` // one pid per line
}

const endpointsFile = "endpoints.json"

// ReadEndpoints reads the file that `up` wrote to dir. It does not tell whether the cloud is still up.
func ReadEndpoints(dir string) (Endpoints, error) {
	var e Endpoints
	text, err := os.ReadFile(filepath.Join(dir, endpointsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return e, fmt.Errorf("no local cloud in %s: start one with `localcloud up --dir %s`", dir, dir)
	}
	if err == nil {
		err = json.Unmarshal(text, &e)
	}
	if err != nil {
		return e, fmt.Errorf("read endpoints: %w", err)
	}
	return e, nil
}

// Handlers are the pids of the running handlers; none while one is being started.
func (e Endpoints) Handlers() (pids []int, err error) {
	text, err := os.ReadFile(e.HandlerPID)
	if err != nil {
		return nil, err
	}
	for field := range strings.FieldsSeq(string(text)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.HandlerPID, err)
		}
		pids = append(pids, pid)
	}
	return pids, nil
}

// write replaces the file in one step, so a reader never sees half of it.
func (e Endpoints) write(dir string) error {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return fmt.Errorf("write endpoints: %w", err)
	}
	file := filepath.Join(dir, endpointsFile)
	if err := os.WriteFile(file+".new", append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write endpoints: %w", err)
	}
	return os.Rename(file+".new", file)
}

// removeEndpoints removes the file, if it is there.
func removeEndpoints(dir string) error {
	err := os.Remove(filepath.Join(dir, endpointsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// IssuerIn returns the issuer of the cloud in dir, which works even while the cloud is down.
func IssuerIn(dir string) (identity.Issuer, error) {
	p, err := loadPorts(filepath.Join(dir, "ports.json"))
	if err != nil {
		return identity.Issuer{}, err
	}
	if p.used[portIssuer] == 0 {
		return identity.Issuer{}, fmt.Errorf("no local cloud in %s: start one with `localcloud up --dir %s`", dir, dir)
	}
	key, err := identity.LoadKey(filepath.Join(dir, "keys", "people.pem"))
	return identity.Issuer{Key: key, Base: p.url(portIssuer)}, err
}
