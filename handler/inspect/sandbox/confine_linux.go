package sandbox

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// Limits of a child. The Go runtime reserves far more address space than it
// uses, so the address space cannot be limited; the data segment can. Of that it maps 67 MiB at the start, for tables that
// it hardly touches (VmData of /proc/self/status, Go 1.26), so that a child gets them besides.
const (
	dataLimit = heapLimit + 64<<20
	cpuLimit  = 60 // seconds
	openFiles = 8
)

// Confine gives up the rights that the work does not need, for good.
func Confine() error {
	for _, l := range []struct {
		resource int
		value    uint64
	}{{unix.RLIMIT_DATA, dataLimit}, {unix.RLIMIT_CPU, cpuLimit}, {unix.RLIMIT_FSIZE, 0}, {unix.RLIMIT_NOFILE, openFiles}, {unix.RLIMIT_CORE, 0}} {
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: l.value, Max: l.value}); err != nil {
			return fmt.Errorf("sandbox: limit %d: %w", l.resource, err)
		}
	}
	// All threads of the process: the flag is one of a thread.
	if _, _, no := syscall.AllThreadsSyscall(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0); no != 0 && no != syscall.ENOTSUP { // not with cgo
		return fmt.Errorf("sandbox: no new privileges: %w", no)
	}
	return nil
}
