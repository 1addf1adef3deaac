package funchost

import "syscall"

// dieWithParent makes the kernel kill the handler when the thread that started
// it ends, so that no handler outlives a killed local cloud.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
