package funchost

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"example.org/airlock/localcloud/event"
)

// readyInterval is how often the host asks a starting handler (WorkerConstants.cs).
const readyInterval = 25 * time.Millisecond

// exitIntentional is the exit code with which a handler asks for a restart.
const exitIntentional = 200

// worker is one handler process.
type worker struct {
	command *exec.Cmd
	address string        // 127.0.0.1:port
	done    chan struct{} // closed when the process is gone
	exit    int           // valid after done; -1 if killed by a signal
	spare   atomic.Bool   // its death is the host's doing and counts as no error
}

// startWorker starts the app's program with the host's five variables.
func (h *Host) startWorker() (*worker, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	id := event.NewID()
	w := &worker{address: net.JoinHostPort("127.0.0.1", port), done: make(chan struct{})}
	w.command = exec.Command(h.app.program, h.app.arguments...)
	w.command.Dir = h.app.directory
	w.command.Env = append(h.settings.environment(),
		"FUNCTIONS_CUSTOMHANDLER_PORT="+port, "FUNCTIONS_HTTPWORKER_PORT="+port,
		"FUNCTIONS_CUSTOMHANDLER_WORKER_ID="+id, "FUNCTIONS_HTTPWORKER_ID="+id,
		"FUNCTIONS_APP_ROOT_PATH="+h.app.root)
	stdout, stderr := &output{host: h}, &output{host: h, stderr: true}
	w.command.Stdout, w.command.Stderr = stdout, stderr
	w.command.WaitDelay = time.Second // a grandchild may hold the streams open
	w.command.SysProcAttr = dieWithParent()

	started := make(chan error)
	go func() {
		// dieWithParent is about the thread, so it must live as long as the process.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := w.command.Start()
		started <- err
		if err != nil {
			return
		}
		_ = w.command.Wait() // the exit code says it all
		stdout.flush()
		stderr.flush()
		w.exit = w.command.ProcessState.ExitCode()
		close(w.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("handler did not start: %w", err)
	}
	return w, nil
}

// freePort finds a loopback port as the host does: bind, read, close.
func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port), nil
}

// ready asks GET / until any HTTP answer arrives. Only a refused connection means
// "not yet". False means that ctx or the time ended, or that the process failed;
// a process that left with 0 is waited for, as the host does.
func (w *worker) ready(ctx context.Context, client *http.Client, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(readyInterval)
	defer tick.Stop()
	failed := w.done
	for {
		request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.address+"/", nil)
		answer, err := client.Do(request)
		if err == nil {
			answer.Body.Close()
			return true
		}
		if ctx.Err() == nil && !isRefused(err) {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-failed:
			if w.exit != 0 {
				return false
			}
			failed = nil
		case <-tick.C:
		}
	}
}

// isRefused says that nothing was sent because nobody listens.
func isRefused(err error) bool {
	var failed *url.Error
	return errors.As(err, &failed) && errors.Is(err, syscall.ECONNREFUSED)
}

// kill is the host's only way to stop a handler: SIGKILL.
func (w *worker) kill() {
	_ = w.command.Process.Kill() // fails only if it is gone already
	<-w.done
}

func (w *worker) gone() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}
