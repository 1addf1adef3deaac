package cloud

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/identity"
)

func TestPortsAreKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ports.json")
	p, err := loadPorts(file)
	require.NoError(t, err)
	l, err := p.listen(portIssuer, true)
	require.NoError(t, err)
	require.NoError(t, p.save())
	address := l.Addr().String()

	again, err := loadPorts(file)
	require.NoError(t, err)
	require.Equal(t, "http://"+address, again.url(portIssuer))
	_, err = again.listen(portIssuer, true)
	require.ErrorContains(t, err, "tokens or links", "what others hold on to is not silently moved")
	other, err := again.listen(portIssuer, false)
	require.NoError(t, err)
	require.NotEqual(t, address, other.Addr().String())
	_, err = again.listenAPI(again.used[portIssuer])
	require.ErrorContains(t, err, "--api-port")
	require.NoError(t, l.Close())
	require.NoError(t, other.Close())
}

// A script that waits for the file must not read the addresses of a cloud that was killed.
func TestEndpointsOfAKilledCloudAreGoneAtOnce(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, Endpoints{API: "http://127.0.0.1:1/api"}.write(dir))
	var seen []error
	progress := writerFunc(func(text []byte) (int, error) {
		_, err := ReadEndpoints(dir)
		seen = append(seen, err)
		return len(text), nil
	})
	err := Run(t.Context(), Options{Root: t.TempDir(), Dir: dir, Progress: progress}, func(Endpoints) {})
	require.ErrorContains(t, err, "host.json")
	require.NotEmpty(t, seen)
	require.ErrorContains(t, seen[0], "no local cloud")
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(text []byte) (int, error) { return f(text) }

func TestStagedAppIsFlat(t *testing.T) {
	root, app := t.TempDir(), filepath.Join(t.TempDir(), "app")
	write := func(text string, path ...string) {
		file := filepath.Join(append([]string{root}, path...)...)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	require.ErrorContains(t, stage(root, app), "host.json")
	write(`{"customHandler":{"description":{"defaultExecutablePath":"../outside"}}}`, "host.json")
	require.ErrorContains(t, stage(root, app), "defaultExecutablePath")
	write(`{"customHandler":{"description":{"defaultExecutablePath":"airlock"}}}`, "host.json")
	require.ErrorContains(t, stage(root, app), "make build")
	write("binary", "build", "handler")
	write("{}", "functions", "GetRequest", "function.json")
	require.NoError(t, stage(root, app))
	write("{}", "functions", "ListRequests", "function.json")
	require.NoError(t, os.RemoveAll(filepath.Join(root, "functions", "GetRequest")))
	require.NoError(t, stage(root, app))
	require.FileExists(t, filepath.Join(app, "ListRequests", "function.json"))
	require.NoDirExists(t, filepath.Join(app, "GetRequest"), "a removed function is gone")
	info, err := os.Stat(filepath.Join(app, "airlock"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o755), info.Mode().Perm())
}

func TestControlIsNotForBrowsers(t *testing.T) {
	h := localOnly(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for _, c := range []struct {
		host, header, value string
		want                int
	}{
		{"127.0.0.1:1", "", "", 204}, {"localhost:1", "", "", 204},
		{"evil.example:1", "", "", 403}, {"127.0.0.1:1", "Origin", "https://evil.example", 403}, {"127.0.0.1:1", "Sec-Fetch-Site", "cross-site", 403},
	} {
		r := httptest.NewRequest(http.MethodPost, "/handler/kill", nil)
		r.Host = c.host
		if c.header != "" {
			r.Header.Set(c.header, c.value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, c.want, w.Code, c)
	}
}

func TestWorkspacesHaveTheirContacts(t *testing.T) {
	genomics, err := identity.FindWorkspace("genomics")
	require.NoError(t, err)
	r := register(genomics, layout{}.of(genomics), true)
	mails := func(group string) (found []string) {
		for _, m := range r.Contacts[group] {
			found = append(found, m.Email)
		}
		return found
	}
	require.Equal(t, []string{"owner@tre.example"}, mails("owners"))
	require.Equal(t, []string{"manager@tre.example", "manager2@tre.example", "researcher-manager@tre.example", "manager3@tre.example", "senior@tre.example"}, mails("airlockManagers"))
	require.Equal(t, []string{"researcher@tre.example", "researcher2@tre.example", "researcher-manager@tre.example"}, mails("researchers"))
	require.Equal(t, "stalexipgenomics", r.Accounts["stalexip"])
	require.Len(t, layout{}.accounts(), 17)
}

func TestSettingAMemberOfAPolicy(t *testing.T) {
	policy := map[string]any{"review": map[string]any{"allowSelfReview": false, "importApprovals": 1}}
	require.NoError(t, SetMember(policy, "review.allowSelfReview", true))
	require.Equal(t, map[string]any{"review": map[string]any{"allowSelfReview": true, "importApprovals": 1}}, policy)
	require.ErrorContains(t, SetMember(policy, "reviews.allowSelfReview", true), `no "reviews"`)
}
