package azurite

import "syscall"

// ownGroup keeps a Ctrl+C in the terminal away from Azurite, which is stopped last, when the handler is gone. Should
// this program be killed, the kernel sends SIGTERM, so that Azurite saves and no process is left behind.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
