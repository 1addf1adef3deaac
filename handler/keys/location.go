package keys

import (
	"errors"
	"net/url"
	"path/filepath"
	"strings"
)

// location is where a key lives: a file, or an object of a vault.
type location struct {
	file          string
	vault         string // https://VAULT.vault.azure.net
	account       string // the vault's name, for faults
	name, version string // no version: the newest
}

// parse reads file:///abs/path or https://VAULT.vault.azure.net/kind/NAME[/VERSION].
func parse(raw, kind string) (location, error) {
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return location{}, errors.New("is not a plain URL")
	}
	switch {
	case u.Scheme == "file" && u.Host == "" && filepath.IsAbs(u.Path):
		return location{file: u.Path}, nil
	case u.Scheme == "https" && u.Host != "":
		parts := strings.Split(strings.Trim(u.Path, "/"), "/")
		if (len(parts) != 2 && len(parts) != 3) || parts[0] != kind || parts[1] == "" {
			return location{}, errors.New("must be https://VAULT.vault.azure.net/" + kind + "/NAME or …/NAME/VERSION")
		}
		account, _, _ := strings.Cut(u.Host, ".")
		l := location{vault: "https://" + u.Host, account: account, name: parts[1]}
		if len(parts) == 3 {
			l.version = parts[2]
		}
		return l, nil
	}
	return location{}, errors.New("must begin with file:/// or https://")
}
