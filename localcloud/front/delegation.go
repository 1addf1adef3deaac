package front

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// longestKey is Azure's limit for the life of a user delegation key.
const longestKey = 7 * 24 * time.Hour

// delegationKey is the value of a user delegation key: derived from the front's secret and the key's own public fields,
// so nothing is stored, and nobody without the secret can forge one (Azurite's own comes from a constant).
func (f *Front) delegationKey(account, oid, tid, start, expiry, service, version string) []byte {
	return mac(f.config.Secret, account, oid, tid, start, expiry, service, version)
}

type delegationAnswer struct {
	XMLName       xml.Name `xml:"UserDelegationKey"`
	SignedOid     string
	SignedTid     string
	SignedStart   string
	SignedExpiry  string
	SignedService string
	SignedVersion string
	Value         string
}

// userDelegationKey answers Get User Delegation Key, for bearers only.
func (f *Front) userDelegationKey(w http.ResponseWriter, r *http.Request, q *request) {
	var info struct{ Start, Expiry string }
	err := xml.NewDecoder(io.LimitReader(r.Body, 4096)).Decode(&info)
	start, errStart := time.Parse(time.RFC3339, info.Start)
	expiry, errExpiry := time.Parse(time.RFC3339, info.Expiry)
	if err = errors.Join(err, errStart, errExpiry); err == nil && (!expiry.After(time.Now()) || time.Until(expiry) > longestKey) {
		err = errors.New("the key must end within 7 days")
	}
	if err != nil {
		fail(w, r, q, http.StatusBadRequest, "InvalidXmlNodeValue", fmt.Sprint(err))
		return
	}
	k := delegationAnswer{SignedOid: q.bearer.oid, SignedTid: q.bearer.tid, SignedStart: sasTime(start), SignedExpiry: sasTime(expiry),
		SignedService: "b", SignedVersion: r.Header.Get("x-ms-version")}
	value := f.delegationKey(q.account, k.SignedOid, k.SignedTid, k.SignedStart, k.SignedExpiry, k.SignedService, k.SignedVersion)
	k.Value = base64.StdEncoding.EncodeToString(value)
	w.Header().Set("Content-Type", "application/xml")
	_, _ = io.WriteString(w, xml.Header)
	_ = xml.NewEncoder(w).Encode(k)
}
