package infratest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeAzure stands in for the Azure CLI, which needs a tenant: a script that notes how it was called and answers by what
// the arguments contain.
type fakeAzure struct {
	t   *testing.T
	dir string
}

// azure makes a fake whose answers are lines of a shell's case, e.g. `*"app create"*) echo id ;;`.
func azure(t *testing.T, answers string) fakeAzure {
	t.Helper()
	dir := t.TempDir()
	script := "#!/usr/bin/env bash\necho \"$*\" >>" + dir + "/calls\ncase \"$*\" in\n" + answers + "\n*) ;;\nesac\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "az"), []byte(script), 0o700))
	return fakeAzure{t, dir}
}

// run runs one of infra's scripts and returns its output.
func (f fakeAzure) run(env []string, script string, args ...string) (string, error) {
	cmd := exec.CommandContext(f.t.Context(), "bash", append([]string{filepath.Join("..", script)}, args...)...)
	cmd.Env = append(os.Environ(), append(env, "PATH="+f.dir+":"+os.Getenv("PATH"))...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// calls lists the calls that contain a text.
func (f fakeAzure) calls(part string) []string {
	raw, err := os.ReadFile(filepath.Join(f.dir, "calls"))
	require.NoError(f.t, err)
	var found []string
	for line := range strings.Lines(string(raw)) {
		if strings.Contains(line, part) {
			found = append(found, line)
		}
	}
	return found
}

const entra = "examples/complete/entra/"

func TestAnOldAzureCLIIsRefusedBeforeAnythingIsMade(t *testing.T) {
	for version, good := range map[string]bool{"2.60.0": false, "2.67.0": false, "2.68.0": true, "2.100.1": true, "3.0.0": true} {
		az := azure(t, `"version"*) echo `+version+` ;;`+"\n"+`*"app list"*) ;;`+"\n"+`*) echo an-id ;;`)
		out, err := az.run(nil, entra+"register.sh", "workspace", "test")
		if good {
			require.NoError(t, err, "%s: %s", version, out)
			assert.Len(t, az.calls("ad app create"), 1, version)
			continue
		}
		require.Error(t, err, version)
		assert.Contains(t, out, "2.68.0 or later")
		assert.Empty(t, az.calls("ad app"), version)
	}
}

// Finished steps are found and left: a script that stopped halfway can be run again.
func TestEntraScriptsCanBeRepeated(t *testing.T) {
	const version = `"version"*) echo 2.70.0 ;;` + "\n"
	t.Run("register", func(t *testing.T) {
		az := azure(t, version+`*"app list"*) echo the-app ;;`+"\n"+`*oauth2PermissionScopes*value==*) echo the-scope ;;`+"\n"+`*"sp list"*) echo the-principal ;;`)
		out, err := az.run(nil, entra+"register.sh", "core", "test")
		require.NoError(t, err, out)
		assert.Contains(t, out, `client_id            = "the-app"`)
		assert.Contains(t, out, `service_principal_id = "the-principal"`)
		assert.Empty(t, az.calls("create"))
		assert.Len(t, az.calls(`"id":"the-scope"`), 1, "the scope that people consented to stays")
	})
	t.Run("register, with those who were allowed before", func(t *testing.T) {
		az := azure(t, version+`*"app list"*) echo the-app ;;`+"\n"+`*preAuthorizedApplications*) printf 'before-1\tthe-client\n' ;;`+"\n"+`*oauth2PermissionScopes*value==*) echo the-scope ;;`)
		out, err := az.run(nil, entra+"register.sh", "workspace", "test", "the-client")
		require.NoError(t, err, out)
		allowed := az.calls(`"preAuthorizedApplications":`)
		require.Len(t, allowed, 1)
		for _, application := range []string{"before-1", "the-client", "04b07795-8ddb-461a-bbee-02f9e1bf7b46"} {
			assert.Equal(t, 1, strings.Count(allowed[0], `{"appId":"`+application+`","delegatedPermissionIds":["the-scope"]}`), application)
		}
	})
	t.Run("client", func(t *testing.T) {
		for _, there := range []string{"", "the-client"} {
			az := azure(t, version+`*"app list"*) echo `+there+` ;;`+"\n"+`*"app create"*) echo the-client ;;`+"\n"+`*"app show"*) echo the-object ;;`)
			out, err := az.run(nil, entra+"register.sh", "client", "test", "https://tre.example/api/ui")
			require.NoError(t, err, out)
			assert.Contains(t, out, `client_id            = "the-client"`)
			made := az.calls("app create")
			assert.Equal(t, there == "", len(made) == 1)
			patched := az.calls("applications/the-object")
			require.Len(t, patched, 1)
			assert.Contains(t, patched[0], `{"isFallbackPublicClient":true,"spa":{"redirectUris":["https://tre.example/api/ui"]},"publicClient":{"redirectUris":["http://localhost"]}}`)
		}
		for _, address := range []string{"", "http://tre.example/api/ui", "https://tre.example"} {
			az := azure(t, version)
			out, err := az.run(nil, entra+"register.sh", "client", "test", address)
			require.Error(t, err, address)
			assert.Contains(t, out, "https://…/api/ui")
			assert.Empty(t, az.calls("ad app"))
		}
	})
	t.Run("grant-graph", func(t *testing.T) {
		az := azure(t, version+`*Application.Read.All*) echo role-a ;;`+"\n"+`*GroupMember.Read.All*) echo role-b ;;`+"\n"+`*User.ReadBasic.All*) echo role-c ;;`+"\n"+
			`*"method get"*) printf 'role-a\nrole-c\n' ;;`+"\n"+`*"sp show"*) echo graph ;;`)
		out, err := az.run(nil, entra+"grant-graph.sh", "the-identity")
		require.NoError(t, err, out)
		posted := az.calls("method post")
		require.Len(t, posted, 1)
		assert.Contains(t, posted[0], `"appRoleId":"role-b"`)
		assert.Contains(t, out, "Application.Read.All is granted already")
	})
	t.Run("assign", func(t *testing.T) {
		az := azure(t, version+`*"appRoles[?value"*) echo role-a ;;`+"\n"+`*"method get"*) echo role-a ;;`+"\n"+`*) echo an-id ;;`)
		out, err := az.run(nil, entra+"assign.sh", "client", "AirlockManager", "ada@example.org")
		require.NoError(t, err, out)
		assert.Empty(t, az.calls("method post"))
	})
	t.Run("assign to the engine of a gate", func(t *testing.T) {
		const engine = "66666666-6666-4666-8666-666666666661"
		says := func(id string) string {
			return version + `*"appRoles[?value"*) echo role-gate ;;` + "\n" + `*"method get"*) echo another-role ;;` + "\n" + `*"sp show --id ` + engine + `"*) echo ` + id + ` ;;` + "\n" + `*) echo core-api ;;`
		}
		az := azure(t, says(engine))
		out, err := az.run(nil, entra+"assign.sh", "client", "AirlockGate", engine)
		require.NoError(t, err, out)
		require.Len(t, az.calls("method post"), 1)
		assert.Contains(t, az.calls("method post")[0], `{"principalId":"`+engine+`","resourceId":"core-api","appRoleId":"role-gate"}`)
		assert.Len(t, az.calls("servicePrincipals/"+engine+"/appRoleAssignments"), 1)
		assert.Empty(t, az.calls("ad user"))

		az = azure(t, says("the-object-id"))
		out, err = az.run(nil, entra+"assign.sh", "client", "AirlockGate", engine)
		require.Error(t, err)
		assert.Contains(t, out, "the object id of its service principal is the-object-id")
		assert.Empty(t, az.calls("method post"))
	})
}

// The CLI waits for an app that refuses this machine, some versions for ever, and an apply has no time limit.
func TestTheDeploymentEnds(t *testing.T) {
	env := []string{"PLAN=flex", "SUBSCRIPTION=s", "GROUP=g", "APP=a", "APP_ID=/a", "MINUTES=0", "PACKAGE=p.zip", "UPLOAD_SECONDS=1"}
	t.Run("a CLI that hangs", func(t *testing.T) {
		az := azure(t, `*config-zip*) exec sleep 600 ;;`)
		began := time.Now()
		out, err := az.run(env, "core/deploy.sh")
		require.Error(t, err)
		assert.Contains(t, out, "deployer_ip_ranges")
		assert.Less(t, time.Since(began), 30*time.Second)
	})
	t.Run("functions that never come", func(t *testing.T) {
		out, err := azure(t, "").run(env, "core/deploy.sh")
		require.Error(t, err)
		assert.Contains(t, out, "still does not know its functions")
	})
	t.Run("as it should be", func(t *testing.T) {
		az := azure(t, `*"keys list"*) echo key ;;`+"\n"+`*"function list"*) echo OnBlobCreated ;;`)
		out, err := az.run(append(env, "MINUTES=1"), "core/deploy.sh")
		require.NoError(t, err, out)
		assert.Len(t, az.calls("config-zip"), 1)
	})
}
