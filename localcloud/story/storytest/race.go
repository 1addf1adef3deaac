package storytest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// raceReport begins a report of the race detector (runtime/race). The host kills its handlers, so that no exit code tells
// of it, and a story goes on after a report: only the log has it.
const raceReport = "WARNING: DATA RACE"

// Raced is an error if the log of the local cloud in dir has such a report. Start looks by itself.
func Raced(dir string) error {
	path := filepath.Join(dir, "logs", "localcloud.log")
	log, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) { // the cloud did not get as far
		return nil
	}
	if err != nil {
		return err
	}
	defer log.Close()
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		if bytes.Contains(lines.Bytes(), []byte(raceReport)) {
			return fmt.Errorf("the race detector reports a data race in a handler: %s, line %d", path, n)
		}
	}
	return lines.Err()
}
