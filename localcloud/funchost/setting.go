package funchost

import (
	"fmt"
	"regexp"
	"strings"
)

// settings are the app settings and, behind them, the environment.
type settings map[string]string

func newSettings(environment []string, app map[string]string) settings {
	s := settings{}
	for _, line := range environment {
		if name, value, ok := strings.Cut(line, "="); ok {
			s[name] = value
		}
	}
	for name, value := range app {
		s[name] = value
	}
	return s
}

// environment holds a process's variables: NAME=value lines.
func (s settings) environment() []string {
	lines := make([]string, 0, len(s))
	for name, value := range s {
		lines = append(lines, name+"="+value)
	}
	return lines
}

var reference = regexp.MustCompile(`%([^%\s]+)%`)

// expand replaces %NAME% in a binding's property. A name without a setting is an
// error, for the host then refuses the function.
func (s settings) expand(text string) (string, error) {
	var missing []string
	expanded := reference.ReplaceAllStringFunc(text, func(quoted string) string {
		name := strings.Trim(quoted, "%")
		value, ok := s[name]
		if !ok {
			missing = append(missing, name)
		}
		return value
	})
	if missing != nil {
		return "", fmt.Errorf("%q names settings that do not exist: %s", text, strings.Join(missing, ", "))
	}
	return expanded, nil
}

// expandLoosely is the same for host.json's process description, where a name
// without a setting is deleted.
func (s settings) expandLoosely(text string) string {
	return reference.ReplaceAllStringFunc(text, func(quoted string) string { return s[strings.Trim(quoted, "%")] })
}

// connected says whether the settings hold a connection for a blob trigger: a
// connection string, an account name, or both service addresses
// (StorageClientProvider of azure-webjobs-sdk).
func (s settings) connected(connection string) error {
	if connection == "" {
		connection = "AzureWebJobsStorage"
	}
	if s[connection] != "" || s[connection+"__accountName"] != "" {
		return nil
	}
	for _, part := range []string{"__blobServiceUri", "__queueServiceUri"} {
		if s[connection+part] == "" {
			return fmt.Errorf("connection %q needs the setting %s", connection, connection+part)
		}
	}
	return nil
}
