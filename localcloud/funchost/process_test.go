package funchost

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (h *running) pid() int {
	_, got := h.do("GET", "/api/any/x", nil, nil)
	return got.PID
}

func TestKilledHandlerComesBackAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	h := start(t, Options{PIDFile: file}, webFunctions).up()
	before := h.pid()
	begun := time.Now()
	h.Kill()
	after := h.pid() // a request that arrives meanwhile waits
	assert.NotEqual(t, before, after)
	assert.NotZero(t, after)
	assert.Less(t, time.Since(begun), 2*time.Second)
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, strconv.Itoa(after), strings.TrimSpace(string(raw)))
	require.ErrorIs(t, syscall.Kill(before, 0), syscall.ESRCH)
}

func TestManyKillsNeverLoseTheHandler(t *testing.T) {
	h := start(t, Options{Speed: 20}, webFunctions).up()
	for range 8 { // every third error stops the host, and the platform restarts it
		before := h.pid()
		h.Kill()
		assert.NotEqual(t, before, h.pid())
	}
	assert.Contains(t, h.logs.String(), "handler failed too often")
}

func TestRequestsUnderWayFailEmptyWhenTheHandlerDies(t *testing.T) {
	functions := map[string]string{"Slow": httpFunction("slow", `"get"`), "CatchAll": httpFunction("any/{*rest}", `"get"`)}
	h := start(t, Options{}, functions).up()
	var running sync.WaitGroup
	running.Go(func() {
		answer, err := http.Get(h.front.URL + "/api/slow")
		if assert.NoError(t, err) {
			defer answer.Body.Close()
			assert.Equal(t, http.StatusInternalServerError, answer.StatusCode)
			assert.Zero(t, answer.ContentLength)
		}
	})
	h.eventually("the request is under way", func() bool { return len(h.recorded()) == 1 })
	h.Kill()
	running.Wait()
	assert.NotZero(t, h.pid())
}

func TestExitCodes(t *testing.T) {
	h := start(t, Options{Speed: 20}, webFunctions).up()
	for range 5 { // 200 is a restart on purpose and never counts
		before := h.pid()
		require.Error(t, h.Invoke(t.Context(), "OnEvent", asking("exit200")))
		assert.NotEqual(t, before, h.pid())
	}
	assert.NotContains(t, h.logs.String(), "too often")
	require.Error(t, h.Invoke(t.Context(), "OnEvent", asking("exit3")))
	assert.NotZero(t, h.pid())

	require.Error(t, h.Invoke(t.Context(), "OnEvent", asking("exit0")))
	begun := time.Now()
	require.Error(t, h.Invoke(t.Context(), "OnEvent", asking("")), "a handler that left with 0 stays away")
	status, _ := h.do("GET", "/api/any/x", nil, nil)
	assert.Equal(t, 500, status)
	assert.Less(t, time.Since(begun), 2*time.Second, "and calls fail at once")
}

func TestHandlerThatDoesNotStart(t *testing.T) {
	t.Parallel() // it has to wait
	for _, mode := range []string{"exit1", "exit200", "silent"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			host := strings.Replace(hostJSON, `"enableForwarding`, `"initializationTimeout":"00:00:01","enableForwarding`, 1)
			h := start(t, Options{Root: stage(t, host, webFunctions), Env: []string{"START=" + mode}, Speed: 1000}, nil)
			h.eventually("it is tried again", func() bool { return strings.Count(h.logs.String(), "handler starts with") >= 2 })
			if mode == "exit1" {
				h.eventually("it gives up", func() bool {
					select {
					case <-h.GaveUp():
						return true
					default:
						return false
					}
				})
				assert.Contains(t, h.LastOutput(), "this is bad")
			}
			select {
			case <-h.Ready():
				assert.Fail(t, "ready")
			default:
			}
		})
	}
}

func TestStopKillsTheHandler(t *testing.T) {
	h := start(t, Options{}, webFunctions).up()
	pid := h.pid()
	begun := time.Now()
	h.stop() // the test handler ignores everything but SIGKILL
	assert.Less(t, time.Since(begun), 2*time.Second)
	require.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
	_, err := h.instances[0].current(context.Background())
	require.ErrorIs(t, err, errStopped)
}
