package front

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

const storageSuffix = ".core.windows.net"

// caller is who a verified token stands for.
type caller struct{ oid, tid string }

// request is one storage request in Azure's terms, however it arrived.
type request struct {
	service, account string // "blob" or "table"
	path             string // escaped as the client sent it, without the account
	container, blob  string // decoded
	query            url.Values
	op               string
	bearer           *caller // nil for SAS
	people           bool    // came in on the address for people
	keySum           string  // the hash of a key that the client brought
}

// where names the target in logs and fault rules.
func (q *request) where() string {
	where := strings.TrimRight(q.account+"/"+q.container+"/"+q.blob, "/")
	if filter := q.query.Get("$filter"); filter != "" {
		where += " " + filter
	}
	return where
}

// splitHost takes ACCOUNT.SERVICE.core.windows.net apart.
func splitHost(host string) (account, service string, ok bool) {
	if host, ok = strings.CutSuffix(host, storageSuffix); !ok {
		return "", "", false
	}
	return strings.Cut(host, ".")
}

var errBadAddress = errors.New("bad path or repeated parameter")

// parse fills in container, blob, query and operation from the path and r. It refuses addresses that the front and Azurite might
// read differently.
func (q *request) parse(r *http.Request) error {
	plain, errPath := url.PathUnescape(q.path)
	query, errQuery := url.ParseQuery(r.URL.RawQuery)
	if errPath != nil || errQuery != nil || dotSegments(plain) || repeated(query) != "" {
		return errBadAddress
	}
	q.query = query
	q.container, q.blob, _ = strings.Cut(strings.TrimPrefix(plain, "/"), "/")
	q.blob = strings.ReplaceAll(q.blob, `\`, "/") // as Azure does
	if q.service == "table" {
		q.op = tableOperation(r.Method, plain)
	} else {
		q.op = q.blobOperation(r)
	}
	return nil
}

// dotSegments: URL libraries disagree on them (Azurite's resolves even %2e%2e in a copy source), so none may pass.
func dotSegments(path string) bool {
	for _, s := range strings.FieldsFunc(path, func(c rune) bool { return c == '/' || c == '\\' }) {
		if s == "." || s == ".." {
			return true
		}
	}
	return false
}

// blobOperation names the REST operation, as Azure's documentation does.
func (q *request) blobOperation(r *http.Request) string {
	comp := q.query.Get("comp")
	switch {
	case q.container == "":
		if comp == "userdelegationkey" {
			return "GetUserDelegationKey"
		}
		if name := map[string]string{"GETlist": "ListContainers", "POSTbatch": "BlobBatch"}[r.Method+comp]; name != "" {
			return name
		}
		return "Service" + r.Method + comp
	case q.blob == "":
		name := map[string]string{"GETlist": "ListBlobs", "PUT": "CreateContainer", "DELETE": "DeleteContainer",
			"GET": "GetContainerProperties", "HEAD": "GetContainerProperties"}[r.Method+comp]
		if name == "" || q.query.Get("restype") != "container" {
			return "Container" + r.Method + comp
		}
		return name
	case r.Header.Get("x-ms-copy-source") != "":
		return copyOperation(r, comp)
	}
	if name := map[string]string{"GET": "GetBlob", "HEAD": "GetBlobProperties", "DELETE": "DeleteBlob", "PUT": "PutBlob", "PUTblock": "PutBlock",
		"PUTblocklist": "PutBlockList", "GETblocklist": "GetBlockList", "PUTcopy": "AbortCopyBlob", "PUTtags": "SetBlobTags", "GETtags": "GetBlobTags",
		"PUTmetadata": "SetBlobMetadata", "PUTproperties": "SetBlobProperties", "PUTlease": "LeaseBlob", "PUTtier": "SetBlobTier",
		"PUTsnapshot": "SnapshotBlob", "PUTappendblock": "AppendBlock", "PUTpage": "PutPage", "GETpagelist": "GetPageRanges", "GETmetadata": "GetBlobMetadata", "HEADmetadata": "GetBlobMetadata"}[r.Method+comp]; name != "" {
		return name
	}
	return "Blob" + r.Method + comp
}

func copyOperation(r *http.Request, comp string) string {
	switch {
	case r.Method != http.MethodPut || comp != "" && comp != "block":
		return "Blob" + r.Method + comp
	case comp == "block":
		return "PutBlockFromURL"
	case r.Header.Get("x-ms-requires-sync") == "true":
		return "CopyBlobFromURL"
	case r.Header.Get("x-ms-blob-type") != "":
		return "PutBlobFromURL"
	}
	return "CopyBlob"
}

func tableOperation(method, path string) string {
	onRow := strings.Contains(path, "PartitionKey=")
	onTables := strings.HasPrefix(path, "/Tables")
	switch {
	case strings.HasPrefix(path, "/$batch"):
		return "EntityTransaction"
	case onTables:
		if name := map[string]string{"GET": "QueryTables", "POST": "CreateTable", "DELETE": "DeleteTable"}[method]; name != "" {
			return name
		}
	case onRow:
		if name := map[string]string{"GET": "GetEntity", "PUT": "UpdateEntity", "PATCH": "MergeEntity", "MERGE": "MergeEntity", "DELETE": "DeleteEntity"}[method]; name != "" {
			return name
		}
	default:
		if name := map[string]string{"GET": "QueryEntities", "POST": "InsertEntity"}[method]; name != "" {
			return name
		}
	}
	return "Table" + method
}
