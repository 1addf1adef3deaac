package azurite

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Keys maps account names to account keys.
type Keys map[string][]byte

// LoadKeys reads the keys kept in file and adds a random one for every account that has none yet, so that an account
// opens with the same key after a restart. The file is readable by its owner alone.
func LoadKeys(file string, accounts []string) (Keys, error) {
	keys := Keys{}
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("read account keys: %w", err)
	default:
		if err := json.Unmarshal(text, &keys); err != nil {
			return nil, fmt.Errorf("read account keys in %s: %w", file, err)
		}
	}
	known := len(keys)
	for _, account := range accounts {
		if keys[account] == nil {
			key := make([]byte, 64) // as long as Azure's
			rand.Read(key)
			keys[account] = key
		}
	}
	if len(keys) == known {
		return keys, nil
	}
	return keys, keys.save(file)
}

func (k Keys) save(file string) error {
	text, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("write account keys: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("write account keys: %w", err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("write account keys: %w", err)
	}
	return nil
}

// environ is the value of AZURITE_ACCOUNTS: name:key;name:key.
func (k Keys) environ() string {
	var pairs []string
	for account, key := range k {
		pairs = append(pairs, account+":"+base64.StdEncoding.EncodeToString(key))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ";")
}
