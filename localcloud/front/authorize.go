package front

import (
	"net/http"
	"strings"
)

// refusal is an answer that ends a request.
type refusal struct {
	status        int
	code, message string
}

func (e *refusal) write(w http.ResponseWriter, r *http.Request, q *request) {
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize resource_id=https://storage.azure.com")
	}
	fail(w, r, q, e.status, e.code, e.message)
}

// peoplesOperations are the operations on blobs that the permissions of a container SAS (racwdl) allow in Azure
// (learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas#specify-permissions). Azurite judges which of
// them a signature has. Operations on the container itself need an account key or a role there, but listing.
var peoplesOperations = map[string]bool{"PutBlob": true, "PutBlock": true, "PutBlockList": true, "GetBlockList": true,
	"GetBlob": true, "GetBlobProperties": true, "GetBlobMetadata": true, "ListBlobs": true, "DeleteBlob": true,
	"SetBlobMetadata": true, "SetBlobProperties": true, "SetBlobTier": true, "LeaseBlob": true, "SnapshotBlob": true,
	"AppendBlock": true, "PutPage": true, "GetPageRanges": true,
	"CopyBlob": true, "CopyBlobFromURL": true, "PutBlockFromURL": true, "AbortCopyBlob": true,
	// Refused there for want of permission t, which no link has.
	"SetBlobTags": true, "GetBlobTags": true}

// peoplesQuery are the query parameters those operations take, beside a signature's. Anything else is refused: Azurite
// might read comp[]=... or COMP=... as something the front did not judge.
var peoplesQuery = map[string]bool{"comp": true, "restype": true, "blockid": true, "blocklisttype": true, "prefix": true,
	"delimiter": true, "marker": true, "maxresults": true, "include": true, "timeout": true, "snapshot": true, "copyid": true}

func offered(r *http.Request, q *request) bool {
	for name := range q.query {
		if !peoplesQuery[name] && !sasParams[name] {
			return false
		}
	}
	return peoplesOperations[q.op] && r.Header.Get("Authorization") == ""
}

// authorize checks who asks and returns the query to forward: the client's, with the front's signature for the client's.
func (f *Front) authorize(r *http.Request, q *request) (query string, refused *refusal) {
	backend := f.config.Backend
	auth := r.Header.Get("Authorization")
	r.Header.Del("Authorization")
	switch token, isBearer := strings.CutPrefix(auth, "Bearer "); {
	case isBearer:
		var err error
		if q.bearer, err = f.bearer(token, q.account, q.service); err != nil {
			return "", &refusal{http.StatusUnauthorized, "InvalidAuthenticationInfo", err.Error()}
		}
		return withoutSAS(q.query, backend.everything(q)), nil
	case auth != "": // as with allowSharedKeyAccess=false
		return "", &refusal{http.StatusForbidden, "KeyBasedAuthenticationNotPermitted", "shared key access is off"}
	case q.query.Get("sig") == "" || q.service != "blob" || q.container == "":
		return "", &refusal{http.StatusUnauthorized, "NoAuthenticationInformation", "neither a token nor a signature"}
	}
	g, err := f.verifySAS(q.query, q.account, q.container, q.blob)
	if err != nil {
		return "", &refusal{http.StatusForbidden, "AuthenticationFailed", err.Error()}
	}
	// Azurite takes tags along with an upload whatever the signature permits.
	if r.Header.Get("x-ms-tags") != "" && !strings.Contains(q.query.Get("sp"), "t") {
		return "", &refusal{http.StatusForbidden, "AuthorizationPermissionMismatch", "the signature does not permit to set tags"}
	}
	own := backend.serviceSAS(q.account, g.canonical, g.resource, q.query.Get("sp"), g.expiry, q.query)
	return withoutSAS(q.query, own), nil
}

func (f *Front) bearer(token, account, service string) (*caller, error) {
	oid, tid, err := f.config.Verify(token, "https://storage.azure.com", "https://"+account+"."+service+storageSuffix)
	if err != nil {
		return nil, err
	}
	return &caller{oid: oid, tid: tid}, nil
}
