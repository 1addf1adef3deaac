package front

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"time"
)

// signVersion is the version of the front's signatures, towards Azurite.
const signVersion = "2020-12-06"

// ownLife is how long a signature for one forwarded request is good.
const ownLife = time.Minute

func mac(key []byte, fields ...string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(strings.Join(fields, "\n")))
	return h.Sum(nil)
}

func sasTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// serviceSAS signs for one container ("c") or blob ("b") with the account key. Of overrides only the response headers
// (rscc and so on) are taken over.
func (b *Backend) serviceSAS(account, canonical, sr, sp string, expiry time.Time, overrides url.Values) string {
	se := sasTime(expiry)
	out := url.Values{"sv": {signVersion}, "sr": {sr}, "sp": {sp}, "se": {se}}
	fields := []string{sp, "", se, canonical, "", "", "", signVersion, sr, "", ""}
	for _, name := range []string{"rscc", "rscd", "rsce", "rscl", "rsct"} {
		v := overrides.Get(name)
		if fields = append(fields, v); v != "" {
			out.Set(name, v)
		}
	}
	out.Set("sig", base64.StdEncoding.EncodeToString(mac(b.Keys[account], fields...)))
	return out.Encode()
}

// containerSAS allows every operation on the container's blobs for a minute.
func (b *Backend) containerSAS(account, container string) string {
	return b.serviceSAS(account, "/blob/"+account+"/"+container, "c", "racwdltf", time.Now().Add(ownLife), nil)
}

// accountSAS allows every operation on containers and tables for a minute. It spares the front the shared-key
// string-to-sign, with all its rules about headers and escaping.
func (b *Backend) accountSAS(account string) string {
	const sp, ss, srt = "rwdlacuptf", "bt", "sco"
	se := sasTime(time.Now().Add(ownLife))
	sig := mac(b.Keys[account], account, sp, ss, srt, "", se, "", "", signVersion, "", "")
	return url.Values{"sv": {signVersion}, "ss": {ss}, "srt": {srt}, "sp": {sp}, "se": {se}, "sig": {base64.StdEncoding.EncodeToString(sig)}}.Encode()
}

// everything is the signature for verified bearer requests. Blob operations get a container's signature, as
// Azurite's account SAS does not know Put Block From URL (it answers a bare 500).
func (b *Backend) everything(q *request) string {
	if q.service == "blob" && q.blob != "" {
		return b.containerSAS(q.account, q.container)
	}
	return b.accountSAS(q.account)
}
