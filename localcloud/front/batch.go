package front

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// maxBatch is Azure's limit for a table transaction.
const maxBatch = 4 << 20

var batchLine = regexp.MustCompile(`(?m)^(GET|POST|PUT|PATCH|MERGE|DELETE) https://[a-z0-9]+\.table\.core\.windows\.net/(\S*)`)

// maxChanges is Azure's limit for the operations of a transaction. Azurite has none (and breaks at 101), nor does it mind
// several partitions: both must fail here, not in production.
const maxChanges = 100

var linePartition = regexp.MustCompile(`\(PartitionKey='(.*)',RowKey='`)

// single undoes the doubling of quotes in a request line. Some SDKs double them there and some do not, so keys are
// compared without.
func single(key string) string { return strings.ReplaceAll(key, "''", "'") }

// checkBatch refuses batches that Azure refuses, as it does
// (learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions).
func checkBatch(body []byte) *refusal {
	lines := batchLine.FindAllSubmatch(body, -1)
	if len(lines) > maxChanges {
		return &refusal{http.StatusBadRequest, "InvalidInput", "The batch request operation exceeds the maximum 100 changes per change set."}
	}
	partitions := map[string]bool{}
	for _, line := range lines {
		target, err := url.PathUnescape(string(line[2]))
		if m := linePartition.FindStringSubmatch(target); err == nil && m != nil {
			partitions[single(m[1])] = true
		}
	}
	for text := range bytes.Lines(body) {
		var entity struct{ PartitionKey *string }
		if text[0] == '{' && json.Unmarshal(text, &entity) == nil && entity.PartitionKey != nil {
			partitions[single(*entity.PartitionKey)] = true
		}
	}
	if len(partitions) > 1 {
		return &refusal{http.StatusBadRequest, "CommandsInBatchActOnDifferentPartitions", "All commands in a batch must operate on same entity group."}
	}
	return nil
}

// rewriteBatch makes the request lines inside a table transaction path-style, as Azurite finds the table's name there.
// It returns the transaction's subject, for the log: the first row it names, or else the table.
func (f *Front) rewriteBatch(r *http.Request, q *request) (target string, refused *refusal) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBatch+1))
	if err != nil {
		return "", &refusal{http.StatusBadRequest, "InvalidInput", "transaction not received in full"}
	}
	if len(body) > maxBatch {
		return "", &refusal{http.StatusRequestEntityTooLarge, "RequestBodyTooLarge", "transaction larger than 4 MiB"}
	}
	if refused := checkBatch(body); refused != nil {
		return "", refused
	}
	target = batchTarget(body)
	body = batchLine.ReplaceAll(body, []byte("$1 "+f.config.Backend.Table.String()+"/"+q.account+"/$2"))
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return target, nil
}

func batchTarget(body []byte) (target string) {
	for _, line := range batchLine.FindAllSubmatch(body, -1) {
		path, _, _ := strings.Cut(string(line[2]), "?")
		if plain, err := url.PathUnescape(path); err == nil {
			path = plain
		}
		if linePartition.MatchString(path) {
			return path
		}
		if target == "" {
			target = path
		}
	}
	return target
}
