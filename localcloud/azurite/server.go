package azurite

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

//go:embed seed.js
var seed []byte

// startLimit is generous: 1.5 to 3.4 s were seen on two idle cores, restarts with much data take longer.
const startLimit = 60 * time.Second

// stopLimit lets Azurite write its files; 168 MB of rows took 1.3 s.
const stopLimit = 30 * time.Second

// Ports are those of Azurite's three services on 127.0.0.1.
type Ports struct{ Blob, Queue, Table int }

// Options say what to start.
type Options struct {
	Install string // directory with node_modules, see Program
	Dir     string // where the data lives; the same Dir brings the data back
	Keys    Keys   // accounts to serve
	Ports   Ports
	Log     io.Writer // Azurite's output
}

// Server is a running Azurite.
type Server struct {
	Blob, Table *url.URL // endpoints; accounts are the first path segment

	process *os.Process
	done    chan struct{}
	err     error // why it ended, once done is closed
}

// Start starts Azurite and returns when it answers. The errors are meant to be shown to a newcomer: they say what to
// install. End the server with Stop; ctx only bounds the start.
func Start(ctx context.Context, o Options) (*Server, error) {
	node, err := findNode(ctx)
	if err != nil {
		return nil, err
	}
	program, err := Program(o.Install)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("start azurite: %w", err)
	}
	preload := filepath.Join(o.Dir, "seed.js")
	if err := os.WriteFile(preload, seed, 0o600); err != nil {
		return nil, fmt.Errorf("start azurite: %w", err)
	}
	s := &Server{done: make(chan struct{}), Blob: loopback(o.Ports.Blob), Table: loopback(o.Ports.Table)}
	if err := s.run(command(node, preload, program, o)); err != nil {
		return nil, fmt.Errorf("start azurite: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if err := s.answers(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func loopback(port int) *url.URL {
	return &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
}

func command(node, preload, program string, o Options) *exec.Cmd {
	const host = "127.0.0.1"
	cmd := exec.Command(node, "-r", preload, program, "--silent", "--disableTelemetry",
		// Path-style addresses only: a copy source must have the very host of the request.
		"--disableProductStyleUrl",
		"--blobHost", host, "--queueHost", host, "--tableHost", host,
		"--blobPort", strconv.Itoa(o.Ports.Blob), "--queuePort", strconv.Itoa(o.Ports.Queue), "--tablePort", strconv.Itoa(o.Ports.Table),
		"-l", o.Dir)
	// The keys travel in the environment: an argument would show in the process list.
	cmd.Env = []string{"AZURITE_ACCOUNTS=" + o.Keys.environ(), "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	cmd.Dir = o.Dir
	cmd.Stdout, cmd.Stderr = o.Log, o.Log
	cmd.SysProcAttr = ownGroup()
	return cmd
}

// run starts cmd and keeps its starting thread: Pdeathsig fires when that thread ends (go.dev/issue/27505).
func (s *Server) run(cmd *exec.Cmd) error {
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		s.process = cmd.Process
		started <- err
		if err != nil {
			return
		}
		s.err = cmd.Wait()
		close(s.done)
	}()
	return <-started
}

// answers waits until both services answer, whatever they say.
func (s *Server) answers(ctx context.Context) error {
	client := &http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}}
	for _, endpoint := range []*url.URL{s.Blob, s.Table} {
		for !answers(ctx, client, endpoint) {
			select {
			case <-s.done:
				return errors.Join(errors.New("azurite ended at once; its log says why"), s.err)
			case <-ctx.Done():
				return fmt.Errorf("azurite does not answer at %s: %w", endpoint, ctx.Err())
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return nil
}

func answers(ctx context.Context, client *http.Client, endpoint *url.URL) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint.String(), nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return true
}

// Done is closed when Azurite has ended, wanted or not.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop asks Azurite to save and end, and waits for it. It may be called more than once.
func (s *Server) Stop() error {
	select {
	case <-s.done:
		return nil
	default:
	}
	if err := s.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop azurite: %w", err)
	}
	select {
	case <-s.done:
		return nil
	case <-time.After(stopLimit):
		// The whole group, should node have started a process of its own.
		err := syscall.Kill(-s.process.Pid, syscall.SIGKILL)
		<-s.done
		return errors.Join(fmt.Errorf("azurite did not end within %v: the last seconds of data may be lost", stopLimit), err)
	}
}
