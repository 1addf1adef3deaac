//go:build !linux

package azurite

import "syscall"

// ownGroup is the like where the kernel does not look after orphans.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
