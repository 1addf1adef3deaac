package front

import (
	"crypto/hmac"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"time"
)

// sasParams are the query parameters of any shared access signature; the front takes them off before it adds its own.
var sasParams = map[string]bool{"sv": true, "ss": true, "srt": true, "sp": true, "st": true, "se": true, "sr": true, "si": true,
	"sip": true, "spr": true, "sig": true, "ses": true, "sdd": true, "skoid": true, "sktid": true, "skt": true, "ske": true, "sks": true,
	"skv": true, "skdutid": true, "sduoid": true, "saoid": true, "suoid": true, "scid": true, "srh": true, "srq": true,
	"rscc": true, "rscd": true, "rsce": true, "rscl": true, "rsct": true}

// withoutSAS rebuilds a query without the SAS parameters and adds the front's signature. Rebuilt and with every name
// once, it means the same to Azurite as it did to the front.
func withoutSAS(query url.Values, sas string) string {
	rest := url.Values{}
	for name, v := range query {
		if !sasParams[strings.ToLower(name)] {
			rest[name] = v
		}
	}
	if len(rest) == 0 {
		return sas
	}
	return strings.ReplaceAll(rest.Encode(), "+", "%20") + "&" + sas
}

// grant is a user delegation SAS that has been verified.
type grant struct {
	resource  string    // "c" or "b"
	canonical string    // "/blob/account/container[/blob]"
	expiry    time.Time // the earlier of the SAS's and its key's
}

// verifySAS checks signature, times and scope of a user delegation SAS for one blob (or container, blob == ""). What it
// permits (sp) is not judged here: that is Azurite's job once the same is signed with the account key.
func (f *Front) verifySAS(q url.Values, account, container, blob string) (*grant, error) {
	g := &grant{resource: q.Get("sr"), canonical: "/blob/" + account + "/" + container}
	switch {
	case q.Get("skoid") == "":
		return nil, errors.New("only user delegation SAS are accepted here")
	case q.Get("sip") != "" || q.Get("srh") != "" || q.Get("srq") != "" || q.Get("sduoid") != "":
		// Refused rather than ignored: a restriction that does nothing would look like protection.
		return nil, errors.New("restriction not supported by the local cloud: sip, srh, srq, sduoid")
	case q.Get("si") != "" || q.Get("ss") != "" || q.Get("sks") != "b" || strings.Trim(q.Get("sp"), "racwdxyltmeopfi") != "":
		return nil, errors.New("malformed user delegation SAS")
	case g.resource == "b" && blob != "":
		g.canonical += "/" + blob
	case g.resource != "c":
		return nil, errors.New("signature does not cover this resource")
	}
	if name := repeated(q); name != "" {
		return nil, errors.New("repeated parameter " + name)
	}
	fields, err := stringToSign(q, g)
	if err != nil {
		return nil, err
	}
	key := f.delegationKey(account, q.Get("skoid"), q.Get("sktid"), q.Get("skt"), q.Get("ske"), q.Get("sks"), q.Get("skv"))
	if !hmac.Equal([]byte(base64.StdEncoding.EncodeToString(mac(key, fields...))), []byte(q.Get("sig"))) {
		return nil, errors.New("signature did not match")
	}
	g.expiry, err = validNow(q, time.Now())
	return g, err
}

// stringToSign are the lines of a user delegation SAS, which grew twice
// (learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas).
func stringToSign(q url.Values, g *grant) ([]string, error) {
	sv := q.Get("sv")
	fields := []string{q.Get("sp"), q.Get("st"), q.Get("se"), g.canonical,
		q.Get("skoid"), q.Get("sktid"), q.Get("skt"), q.Get("ske"), q.Get("sks"), q.Get("skv"),
		q.Get("saoid"), q.Get("suoid"), q.Get("scid")}
	switch {
	case sv >= "2025-07-05":
		fields = append(fields, q.Get("skdutid"), q.Get("sduoid"))
	case sv < "2020-12-06":
		return nil, errors.New("sv too old")
	}
	fields = append(fields, q.Get("sip"), q.Get("spr"), sv, g.resource, "", q.Get("ses"))
	if sv >= "2026-04-06" {
		fields = append(fields, "", "") // signed request headers and query parameters
	}
	return append(fields, q.Get("rscc"), q.Get("rscd"), q.Get("rsce"), q.Get("rscl"), q.Get("rsct")), nil
}

// validNow checks the times of the SAS and of its key and returns when the first of them ends.
func validNow(q url.Values, now time.Time) (expiry time.Time, err error) {
	for _, name := range []string{"se", "ske", "skt", "st"} {
		v := q.Get(name)
		if name == "st" && v == "" {
			continue // optional
		}
		t, err := parseSASTime(v)
		if err != nil {
			return time.Time{}, err
		}
		isEnd := name == "se" || name == "ske"
		if isEnd && !now.Before(t) || !isEnd && now.Before(t) {
			return time.Time{}, errors.New("signature not valid now: " + name + "=" + v)
		}
		if isEnd && (expiry.IsZero() || t.Before(expiry)) {
			expiry = t
		}
	}
	return expiry, nil
}

func parseSASTime(s string) (t time.Time, err error) {
	for _, layout := range []string{"2006-01-02T15:04:05Z", "2006-01-02T15:04Z", "2006-01-02"} {
		if t, err = time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return t, err
}

func repeated(query url.Values) string {
	for name, v := range query {
		if len(v) > 1 {
			return name
		}
	}
	return ""
}
