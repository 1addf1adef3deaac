package grid

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFaultsDropDuplicateAndShuffle(t *testing.T) {
	e := newEndpoint(t)
	g, _, _ := start(t, Config{Subscriptions: []Subscription{{Name: "s", Topic: "scanresult", Endpoint: e.URL}}})
	g.SetFaults(Faults{DropNext: 2})
	for i := range 3 {
		g.Emit("scanresult", sample(fmt.Sprint(i)))
	}
	settle(t, g)
	assert.Equal(t, "2", e.subjects())

	g.SetFaults(Faults{Duplicate: 1})
	g.Emit("scanresult", sample("twice"))
	settle(t, g)
	assert.Equal(t, "2 twice twice", e.subjects())

	g.SetFaults(Faults{Drop: 1, Subscription: "other"})
	g.Emit("scanresult", sample("spared"))
	settle(t, g)
	assert.Contains(t, e.subjects(), "spared")

	g.SetFaults(Faults{Drop: 1, Except: "s"})
	g.Emit("scanresult", sample("excepted"))
	settle(t, g)
	assert.Contains(t, e.subjects(), "excepted")

	g.SetFaults(Faults{Seed: 7, Shuffle: Duration(50 * time.Millisecond), Delay: Duration(time.Millisecond)})
	var order []string
	for i := range 20 {
		order = append(order, fmt.Sprintf("n%02d", i))
		g.Emit("scanresult", sample(order[i]))
	}
	settle(t, g)
	got := strings.Fields(e.subjects())[5:]
	assert.ElementsMatch(t, order, got)
	assert.NotEqual(t, order, got)
}

func TestSameSeedSameFaults(t *testing.T) {
	fates := func(seed uint64) string {
		f := Faults{Seed: seed, Drop: 0.3, Duplicate: 0.3, Shuffle: Duration(time.Second)}
		var b strings.Builder
		for i := range uint64(50) {
			fmt.Fprint(&b, f.fate("s", i))
		}
		return b.String()
	}
	assert.Equal(t, fates(1), fates(1))
	assert.NotEqual(t, fates(1), fates(2))
}

func TestControlOverHTTP(t *testing.T) {
	e := newEndpoint(t)
	g, _, _ := start(t, Config{Subscriptions: []Subscription{{Name: "s", Topic: "scanresult", Endpoint: e.URL}}})
	call := func(method, path, body string) (int, string) {
		w := httptest.NewRecorder()
		g.Control().ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
		return w.Code, strings.TrimSpace(w.Body.String())
	}
	status, body := call("PUT", "/faults", `{"seed":3,"duplicate":1,"delay":"1ms"}`)
	require.Equal(t, http.StatusOK, status, body)
	_, body = call("GET", "/faults", "")
	assert.JSONEq(t, `{"seed":3,"duplicate":1,"delay":"1ms"}`, body)
	status, _ = call("PUT", "/faults", `{"misspelt":1}`)
	assert.Equal(t, http.StatusBadRequest, status)
	call("PUT", "/faults", `{}`)

	_, body = call("POST", "/pause", "")
	assert.Contains(t, body, `"paused":true`)
	status, body = call("POST", "/inject", `{"subscription":"s","event":{"id":"1","subject":"forged"}}`)
	require.Equal(t, http.StatusOK, status, body)
	_, body = call("GET", "/queue", "")
	assert.Contains(t, body, "forged")
	status, _ = call("POST", "/inject", `{"subscription":"none","event":{}}`)
	assert.Equal(t, http.StatusNotFound, status)
	call("POST", "/resume", "")
	_, body = call("POST", "/settle", "")
	assert.Contains(t, body, `"delivered":1`)
	assert.Equal(t, "forged", e.subjects())
	g.Emit("scanresult", sample("real"))
	_, body = call("POST", "/replay", `{}`)
	assert.JSONEq(t, `{"replayed":1}`, body)
	_, body = call("GET", "/published", "")
	assert.Contains(t, body, "real")
	_, body = call("GET", "/stats", "")
	assert.Contains(t, body, `"scanresult":1`)
}
