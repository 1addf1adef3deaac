package front

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
)

// customerKeys are the blobs that were written with a key of their writer's, which Azurite does not know. The bytes are
// stored as they come; nobody reads them without the key, and lists tell its hash, as Azure does
// (learn.microsoft.com/azure/storage/blobs/encryption-customer-provided-keys). They live in memory.
type customerKeys struct {
	mu   sync.Mutex
	sums map[string]string // SHA-256 of the key in base64, by heldKey
}

const keySumHeader = "x-ms-encryption-key-sha256"

var keyHeaders = []string{"x-ms-encryption-key", keySumHeader, "x-ms-encryption-algorithm"}

// needKey are the operations that Azure refuses on such a blob without its key.
var needKey = []string{"GetBlob", "GetBlobProperties", "GetBlobMetadata", "SetBlobMetadata", "SnapshotBlob"}

// admit takes the key's headers off a request and keeps the key's hash until the answer. It refuses a request without the right key.
func (k *customerKeys) admit(q *request, r *http.Request) *refusal {
	sum := r.Header.Get(keySumHeader)
	key, err := base64.StdEncoding.DecodeString(r.Header.Get(keyHeaders[0]))
	if hash := sha256.Sum256(key); sum != "" && (err != nil || base64.StdEncoding.EncodeToString(hash[:]) != sum || r.Header.Get(keyHeaders[2]) != "AES256") {
		return &refusal{http.StatusBadRequest, "InvalidHeaderValue", "The key, its hash and its algorithm do not fit together."}
	}
	for _, name := range keyHeaders {
		r.Header.Del(name)
	}
	if q.keySum = sum; slices.Contains(needKey, q.op) {
		return k.opens(heldKey(q, q.blob), sum)
	}
	if u, err := url.Parse(r.Header.Get("x-ms-copy-source")); err == nil { // a copy brings no key of its source here
		account, _, _ := splitHost(u.Host)
		return k.opens(account+u.Path, "")
	}
	return nil
}

// opens refuses a blob that cannot be read with the key of that hash; "" is no key.
func (k *customerKeys) opens(blob, sum string) *refusal {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.sums[blob] == "" || k.sums[blob] == sum {
		return nil
	}
	return &refusal{http.StatusConflict, "BlobUsesCustomerSpecifiedEncryption", "The blob is encrypted with customer specified encryption, but it was not provided in the request."}
}

// written remembers with which key a blob was written, or that it was written with none or deleted.
func (k *customerKeys) written(q *request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if delete(k.sums, heldKey(q, q.blob)); q.keySum != "" {
		k.sums[heldKey(q, q.blob)] = q.keySum
	}
}

// maskList adds the hash of the key to the blobs of a list that have one.
func (k *customerKeys) maskList(q *request, list []byte) []byte {
	k.mu.Lock()
	sums := maps.Clone(k.sums)
	k.mu.Unlock()
	if len(sums) == 0 {
		return list
	}
	return eachListed(list, func(name string, item []byte) []byte {
		if sums[heldKey(q, name)] == "" {
			return item
		}
		return listedEnd.ReplaceAll(item, []byte("<CustomerProvidedKeySha256>"+sums[heldKey(q, name)]+"</CustomerProvidedKeySha256></Properties>"))
	})
}
