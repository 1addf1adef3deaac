//go:build gates

package gates_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/client"
	"example.org/airlock/client/gate"
	"example.org/airlock/localcloud/clamav"
	"example.org/airlock/localcloud/identity"
	. "example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

// eicar is the test file that every engine knows; it is put together here so that none takes
// this file for it.
var eicar = []byte(strings.Join([]string{`X5O!P%@AP[4\PZX54(P^)7CC)7}$`, `EICAR-STANDARD-ANTIVIRUS-`, `TEST-FILE!$H+H*`}, ""))

type bearer string

func (b bearer) Token(context.Context, client.Audience, bool) (string, error) { return string(b), nil }

func TestClamAVKeepsTheContract(t *testing.T) {
	engine, err := clamav.New(t.Context(), t.TempDir())
	require.NoError(t, err)
	address := freeAddress(t)
	api, err := client.New("http://"+address+"/api", http.DefaultTransport, bearer(token))
	require.NoError(t, err)
	g := gate.New(gate.Config{API: api, Transport: http.DefaultTransport, Engine: engine.Name(), Judge: engine.Judge, Folder: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	server := httptest.NewServer(g)
	defer server.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go g.Run(ctx)
	keepsTheContract(t, address, "clamav", server.URL, eicar)
}

// ClamAV looks at files that the malware scanner has passed over: harmless files go on, and
// those with a virus end in quarantine, with the name of the gate.
func TestClamAVIsASecondEngine(t *testing.T) {
	cloud, stop, err := storytest.Start(t.Context(), nil)
	defer storytest.Remove()
	require.NoError(t, err)
	defer func() { require.NoError(t, stop(t.Failed())) }()
	app, err := identity.FindApplication("clamav")
	require.NoError(t, err)
	err = cloud.Run(t.Context(), Story{Name: t.Name(), Play: func(p *Play) {
		p.Policy("ClamAV looks at exports, and no other scanner", func(policy map[string]any) {
			Member(policy, "malwareScanning")["enabled"] = false
			Member(policy, "gates")["export"] = []map[string]any{{"id": "clamav", "kind": "external", "callers": []string{app.ObjectID}}}
		})
		p.As(Researcher).Creates(Export).Uploads("table.csv", []byte("region,mean\nNorth,3.2\n")).Submits()
		p.Eventually(InReview)
		p.TrailHasSoon("ClamAV's word", func(r AuditRecord) bool {
			return r.Action == "gate_verdict" && r.Detail["gate"] == "clamav" && r.Detail["outcome"] == "passed" && strings.HasPrefix(r.Detail["rules"], "clamav 1")
		})
		p.As(Researcher).Creates(Export).Uploads("table.csv", eicar).Submits()
		r := p.Eventually(BlockedByScan)
		p.Holds(strings.Contains(r.Message(), "The gate clamav found what must not go on"), "nobody is told why: %q", r.Message())
		p.TrailVerifies().BytesLieWhereTheyBelong()
	}}, Options{Workspace: "genomics", Within: time.Minute, Tell: func(l Line) { t.Logf("%+6.2fs  %s: %s", l.At.Seconds(), l.Who, l.What) }})
	require.NoError(t, err)
}
