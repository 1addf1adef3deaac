package cloud

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lock keeps a second local cloud out of dir until the returned file is closed; the kernel does that for a killed
// process, too.
func lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another local cloud is running in %s; stop it or use another --dir", dir)
	}
	return f, nil
}
