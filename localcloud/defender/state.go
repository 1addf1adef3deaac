package defender

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// load takes back blobs that an earlier run did not scan.
func (d *Defender) load() error {
	if d.config.StateFile == "" {
		return nil
	}
	raw, err := os.ReadFile(d.config.StateFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var pending []*job
	if err == nil {
		err = json.Unmarshal(raw, &pending)
	}
	if err != nil {
		return fmt.Errorf("pending scans in %s: %w", d.config.StateFile, err)
	}
	for _, j := range pending {
		d.add(j)
	}
	return nil
}

func (d *Defender) save() error {
	if d.config.StateFile == "" {
		return nil
	}
	d.mu.Lock()
	raw, err := json.Marshal(d.pending)
	d.mu.Unlock()
	if err != nil {
		return err
	}
	fresh := d.config.StateFile + ".new"
	if err := os.WriteFile(fresh, raw, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, d.config.StateFile)
}
