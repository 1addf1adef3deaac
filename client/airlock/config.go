package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"

	"example.org/airlock/client/signin"
)

// place is one airlock and how to sign in there: a context. It holds no secrets.
type place struct {
	Name         string      `yaml:"name"`
	URL          string      `yaml:"url"`
	Auth         signin.Kind `yaml:"auth"`
	TokenCommand string      `yaml:"token-command,omitempty"`
	ClientID     string      `yaml:"client-id,omitempty"`
	Tenant       string      `yaml:"tenant,omitempty"`
	Authority    string      `yaml:"authority,omitempty"`
	RootScope    string      `yaml:"root-scope,omitempty"`
	Account      string      `yaml:"account,omitempty"`
	Workspace    string      `yaml:"workspace,omitempty"` // id
	NoCache      bool        `yaml:"no-cache,omitempty"`
}

// config holds the settings that a person chose.
type config struct {
	Current  string  `yaml:"current,omitempty"`
	Contexts []place `yaml:"contexts,omitempty"`

	file string
}

// dirs are where the program keeps things: settings, and the cache of known airlocks.
type dirs struct{ config, state string }

// findDirs follows the XDG base directories, on Windows %AppData%.
func findDirs(getenv func(string) string) (dirs, error) {
	find := func(variable string, below ...string) (string, error) {
		if dir := getenv(variable); dir != "" {
			return filepath.Join(dir, "airlock"), nil
		}
		if dir := getenv("APPDATA"); dir != "" && filepath.Separator == '\\' {
			return filepath.Join(dir, "airlock"), nil
		}
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("there is no home directory; say where to keep things with %s=DIR", variable)
		}
		return filepath.Join(append(append([]string{home}, below...), "airlock")...), nil
	}
	configDir, err := find("XDG_CONFIG_HOME", ".config")
	if err != nil {
		return dirs{}, err
	}
	state, err := find("XDG_STATE_HOME", ".local", "state")
	return dirs{configDir, state}, err
}

func readConfig(dir string) (*config, error) {
	c := &config{file: filepath.Join(dir, "config.yaml")}
	text, err := os.ReadFile(c.file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err == nil {
		err = yaml.Unmarshal(text, c)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w. Mend it, or delete it and sign in again with `airlock login`", c.file, err)
	}
	return c, nil
}

func (c *config) write() error {
	text, err := yaml.Marshal(c)
	if err != nil {
		return err
	}
	if err := replaceFile(c.file, text); err != nil {
		return fmt.Errorf("the configuration could not be written: %w", err)
	}
	return nil
}

// replaceFile writes a file in one step, readable for its owner alone.
func replaceFile(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+"-*") // 0600
	if err != nil {
		return err
	}
	_, err = next.Write(content)
	if err = errors.Join(err, next.Close()); err == nil {
		err = os.Rename(next.Name(), file)
	}
	if err != nil {
		_ = os.Remove(next.Name())
	}
	return err
}

// find returns the context of a name.
func (c *config) find(name string) (*place, bool) {
	i := slices.IndexFunc(c.Contexts, func(p place) bool { return p.Name == name })
	if i < 0 {
		return nil, false
	}
	return &c.Contexts[i], true
}

// put adds a context or replaces the one of its name.
func (c *config) put(p place) {
	if old, ok := c.find(p.Name); ok {
		*old = p
		return
	}
	c.Contexts = append(c.Contexts, p)
}
