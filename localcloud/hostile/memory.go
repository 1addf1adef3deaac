package hostile

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Memory is the most that a process and its children had in RAM while they were watched, in MiB.
type Memory struct {
	Self  int
	Child int // any one of them
	Sum   int // at one moment
}

// Watch looks at the memory of a process and of its children every few milliseconds, from outside, until most is called. It
// reads /proc; processes that end meanwhile are passed over.
func Watch(pid int) (most func() Memory) {
	stop, told := make(chan struct{}), make(chan Memory)
	own := commandLine(pid)
	go func() {
		var m Memory
		for {
			self, sum := resident(strconv.Itoa(pid)), 0
			for _, child := range Children(pid) {
				if commandLine(child) == own {
					continue // it shares its parent's memory until it has become a program of its own (vfork)
				}
				n := resident(strconv.Itoa(child))
				m.Child, sum = max(m.Child, n), sum+n
			}
			m.Self, m.Sum = max(m.Self, self), max(m.Sum, self+sum)
			select {
			case <-stop:
				told <- m
				return
			case <-time.After(3 * time.Millisecond):
			}
		}
	}()
	return func() Memory { close(stop); return <-told }
}

// Children are the pids of the processes that a process has started.
func Children(pid int) (pids []int) {
	tasks, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	for _, task := range tasks {
		text, _ := os.ReadFile(task)
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

// commandLine is how a process was called, "" of one that has ended.
func commandLine(pid int) string {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	return string(text)
}

// resident is the memory of a process in MiB, 0 of one that has ended.
func resident(pid string) int {
	status, _ := os.ReadFile("/proc/" + pid + "/status")
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, _ := strconv.Atoi(kib)
	return n >> 10
}
