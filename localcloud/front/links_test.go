package front_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/identity"
)

// The calls that a container link allows with curl, and those that it must not.
func TestPeopleMayDoWhatTheirLinkAllowsAndNoMore(t *testing.T) {
	f := newFixture(t)
	f.upload(accountA, "in.txt", "hello")
	rl, rcwdl := f.sign(accountA, "", "rl", time.Hour), f.sign(accountA, "", "rcwdl", time.Hour)
	old := f.sign(accountA, "", "rl", -time.Second)
	base := lab.people + "/" + accountA + "/" + f.container
	source := host(accountA) + "/" + f.container + "/in.txt?" + rl
	with := func(args ...string) []string { return args }
	put := func(address string, more ...string) []string {
		return append(with("-X", "PUT", "-H", "x-ms-blob-type: BlockBlob", "--data-binary", "abc", "-g", address), more...)
	}
	empty := func(address string, headers ...string) []string {
		args := with("-X", "PUT", "-H", "Content-Length: 0", address)
		for _, h := range headers {
			args = append(args, "-H", h)
		}
		return args
	}
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"get, rl", with(base + "/in.txt?" + rl), "200"},
		{"head, rl", with("-I", base+"/in.txt?"+rl), "200"},
		{"list, rl", with(base + "?restype=container&comp=list&" + rl), "200"},
		{"put, rl", put(base + "/x?" + rl), "403 AuthorizationPermissionMismatch"},
		{"delete, rl", with("-X", "DELETE", base+"/in.txt?"+rl), "403 AuthorizationPermissionMismatch"},
		{"put, rcwdl", put(base + "/up.txt?" + rcwdl), "201"},
		{"put with tags, rcwdl", put(base+"/tagged?"+rcwdl, "-H", "x-ms-tags: a=b"), "403 AuthorizationPermissionMismatch"},
		{"put, rcwdl, chunked", put(base+"/up2.txt?"+rcwdl, "-H", "Transfer-Encoding: chunked"), "411"},
		{"put block, rcwdl", put(base + "/blk?comp=block&blockid=YWFh&" + rcwdl), "201"},
		{"put block list, rcwdl", with("-X", "PUT", "--data", "<BlockList><Latest>YWFh</Latest></BlockList>", base+"/blk?comp=blocklist&"+rcwdl), "201"},
		{"delete, rcwdl", with("-X", "DELETE", base+"/up.txt?"+rcwdl), "202"},
		{"append blob", empty(base+"/a?"+rcwdl, "x-ms-blob-type: AppendBlob"), "201"},
		{"page blob", empty(base+"/p?"+rcwdl, "x-ms-blob-type: PageBlob", "x-ms-blob-content-length: 512"), "201"},
		{"copy", empty(base+"/c?"+rcwdl, "x-ms-copy-source: "+source), "202"},
		{"copy of what it may not read", empty(base+"/c2?"+rcwdl, "x-ms-copy-source: "+host(accountA)+"/"+f.container+"/in.txt"), "403"},
		{"put block from url", empty(base+"/c3?comp=block&blockid=YWFh&"+rcwdl, "x-ms-copy-source: "+source), "201"},
		{"block list from url", empty(base+"/c?comp=blocklist&"+rcwdl, "x-ms-copy-source: "+source), "403"},
		{"metadata", empty(base+"/in.txt?comp=metadata&"+rcwdl, "x-ms-meta-a: 1"), "200"},
		{"properties", empty(base+"/in.txt?comp=properties&"+rcwdl, "x-ms-blob-content-type: text/evil"), "200"},
		{"snapshot", empty(base + "/in.txt?comp=snapshot&" + rcwdl), "201"},
		{"tier", empty(base+"/in.txt?comp=tier&"+rcwdl, "x-ms-access-tier: Cool"), "200"},
		{"lease", empty(base+"/in.txt?comp=lease&"+rcwdl, "x-ms-lease-action: acquire", "x-ms-lease-duration: 15"), "201"},
		{"tags", with("-X", "PUT", "--data", "<Tags/>", base+"/in.txt?comp=tags&"+rcwdl), "403"},
		{"metadata, rl", empty(base+"/in.txt?comp=metadata&"+rl, "x-ms-meta-a: 1"), "403"},
		{"properties, rl", empty(base+"/in.txt?comp=properties&"+rl, "x-ms-blob-content-type: text/evil"), "403"},
		{"snapshot, rl", empty(base + "/in.txt?comp=snapshot&" + rl), "403"},
		{"tier, rl", empty(base+"/in.txt?comp=tier&"+rl, "x-ms-access-tier: Cool"), "403"},
		{"lease, rl", empty(base+"/in.txt?comp=lease&"+rl, "x-ms-lease-action: acquire", "x-ms-lease-duration: 15"), "403"},
		{"copy, rl", empty(base+"/c4?"+rl, "x-ms-copy-source: "+source), "403"},
		{"append blob, rl", empty(base+"/a2?"+rl, "x-ms-blob-type: AppendBlob"), "403"},
		{"container properties", with(base + "?restype=container&" + rcwdl), "403"},
		{"container delete", with("-X", "DELETE", base+"?restype=container&"+rcwdl), "403"},
		{"list containers", with(lab.people + "/" + accountA + "?comp=list&" + rcwdl), "403"},
		{"preflight", with("-X", "OPTIONS", "-H", "Origin: https://example.org", "-H", "Access-Control-Request-Method: GET", base+"/in.txt"), "403"},
		{"no signature", with(base + "/in.txt"), "401 NoAuthenticationInformation"},
		{"tampered sp", with(base + "/in.txt?" + strings.Replace(rl, "sp=rl", "sp=rwl", 1)), "403 AuthenticationFailed"},
		{"expired", with(base + "/in.txt?" + old), "403 AuthenticationFailed"},
		{"other container", with(lab.people + "/" + accountA + "/other/in.txt?" + rl), "403 AuthenticationFailed"},
		{"other account", with(lab.people + "/" + accountB + "/" + f.container + "/in.txt?" + rl), "403 AuthenticationFailed"},
		{"unknown account", with(lab.people + "/stother/" + f.container + "/in.txt?" + rl), "400 InvalidUri"},
	} {
		got := curl(t, c.args...)
		assert.True(t, strings.HasPrefix(got, c.want), "%s: %s, want %s", c.name, got, c.want)
	}
}

// Addresses that the front and Azurite might read differently, so that one allows what the other never saw.
func TestCraftedAddressesAreRefused(t *testing.T) {
	f := newFixture(t)
	f.upload(accountA, "in.txt", "hello")
	rl, rcwdl := f.sign(accountA, "", "rl", time.Hour), f.sign(accountA, "", "rcwdl", time.Hour)
	base := lab.people + "/" + accountA + "/" + f.container
	with := func(args ...string) []string { return args }
	put := func(address string) []string {
		return with("-X", "PUT", "-H", "x-ms-blob-type: BlockBlob", "--data-binary", "abc", "-g", address)
	}
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"sp repeated", with(base + "/in.txt?sp=rwl&" + rl), "400 InvalidUri"},
		{"sp repeated, escaped", with(base + "/in.txt?%73p=rwl&" + rl), "400 InvalidUri"},
		{"comp twice", put(base + "/x?comp=block&blockid=YWFh&comp=lease&" + rcwdl), "400 InvalidUri"},
		{"COMP=lease", put(base + "/x?COMP=lease&" + rcwdl), "403 AuthorizationPermissionMismatch"},
		{"comp[]=lease", put(base + "/x?comp[]=lease&" + rcwdl), "403 AuthorizationPermissionMismatch"},
		{"bearer token beside the link", with("-H", "Authorization: Bearer x", base+"/in.txt?"+rl), "403"},
		{"dot segments", with("--path-as-is", base+"/../other/in.txt?"+rl), "400 InvalidUri"},
		{"dot segments, encoded", with("--path-as-is", base+"/%2e%2e/other/in.txt?"+rl), "400 InvalidUri"},
	} {
		got := curl(t, c.args...)
		assert.True(t, strings.HasPrefix(got, c.want), "%s: %s, want %s", c.name, got, c.want)
	}
}

// The programs' way in: the same links, and no way round tokens.
func TestProgramsNeedATokenOrALink(t *testing.T) {
	f := newFixture(t)
	f.upload(accountA, "in.txt", "hello")
	rl := f.sign(accountA, "", "rl", time.Hour)
	blob := host(accountA) + "/" + f.container + "/in.txt"
	stranger, err := identity.NewKey()
	require.NoError(t, err)
	claims := identity.Claims{"aud": "https://storage.azure.com", "oid": "o", "tid": "t", "nbf": 0, "exp": time.Now().Add(time.Hour).Unix()}
	wrongAudience, _ := lab.managed.Token("https://eventgrid.azure.net")
	otherAccount, _ := lab.managed.Token(host(accountB))
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"link", []string{blob + "?" + rl}, "200"},
		{"list containers with a link", []string{host(accountA) + "/?comp=list&" + rl}, "401"},
		{"unsigned token", []string{"-H", "Authorization: Bearer " + identity.Unsigned(claims), blob}, "401 InvalidAuthenticationInfo"},
		{"a stranger's token", []string{"-H", "Authorization: Bearer " + stranger.Sign(claims), blob}, "401 InvalidAuthenticationInfo"},
		{"HMAC with the public key", []string{"-H", "Authorization: Bearer " + lab.managed.Key.SignHS256(claims), blob}, "401 InvalidAuthenticationInfo"},
		{"token for Event Grid", []string{"-H", "Authorization: Bearer " + wrongAudience, blob}, "401 InvalidAuthenticationInfo"},
		{"token for another account", []string{"-H", "Authorization: Bearer " + otherAccount, blob}, "401 InvalidAuthenticationInfo"},
		{"shared key", []string{"-H", "Authorization: SharedKey a:b", blob}, "403 KeyBasedAuthenticationNotPermitted"},
		{"other host inside the tunnel", []string{"-H", "Host: example.org", blob + "?" + rl}, "400 InvalidUri"},
		{"unknown account", []string{"https://stother.blob.core.windows.net/"}, "exit status 56"},
		{"unknown host", []string{"https://example.org/"}, "exit status 56"},
		{"plain http through the proxy", []string{"http://169.254.169.254/metadata/identity/oauth2/token"}, "403"},
	} {
		got := curl(t, c.args...)
		assert.True(t, strings.HasPrefix(got, c.want), "%s: %s, want %s", c.name, got, c.want)
	}
	c, err := container.NewClientWithNoCredential(host(accountA)+"/"+f.container+"?"+rl, nil)
	require.NoError(t, err)
	page, err := c.NewListBlobsFlatPager(nil).NextPage(t.Context())
	require.NoError(t, err)
	require.Len(t, page.Segment.BlobItems, 1)
	require.Equal(t, host(accountA)+"/", *page.ServiceEndpoint)
}

// Azurite derives user delegation keys from a constant in its source. Signed with that, a link must open nothing, not
// even Azurite's own port.
func TestALinkForgedFromAzuritesConstantOpensNothing(t *testing.T) {
	f := newFixture(t)
	f.upload(accountA, "secret.txt", "secret")
	start, end := time.Now().UTC().Add(-time.Minute).Format("2006-01-02T15:04:05Z"), time.Now().UTC().Add(time.Hour).Format("2006-01-02T15:04:05Z")
	const oid, v = "b0000000-0000-4000-8000-00000000000f", "2026-06-06"
	sign := func(key []byte, lines ...string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(strings.Join(lines, "\n")))
		return h.Sum(nil)
	}
	key := sign([]byte("azurite-user-delegation-signing-seed-v1"), oid, identity.Tenant, start, end, "b", v)
	sig := sign(key, "r", "", end, "/blob/"+accountA+"/"+f.container, oid, identity.Tenant, start, end, "b", v, "", "", "", "", "", "", "", v, "c", "", "", "", "", "", "", "", "", "")
	q := url.Values{"sp": {"r"}, "se": {end}, "skoid": {oid}, "sktid": {identity.Tenant}, "skt": {start}, "ske": {end}, "sks": {"b"}, "skv": {v}, "sv": {v}, "sr": {"c"},
		"sig": {base64.StdEncoding.EncodeToString(sig)}}.Encode()
	path := "/" + accountA + "/" + f.container + "/secret.txt?"
	assert.Contains(t, curl(t, lab.people+path+q), "403")
	assert.Contains(t, curl(t, host(accountA)+"/"+f.container+"/secret.txt?"+q), "403")
	assert.Contains(t, curl(t, lab.azurite+path+q), "403")
	good := f.sign(accountA, "", "r", time.Hour)
	assert.Contains(t, curl(t, lab.people+path+good), "200")
	assert.Contains(t, curl(t, lab.azurite+path+good), "403", "the front's links are no good past the front")
}
