package tablestore

import (
	"bufio"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// batchPart is the answer to one operation of a transaction.
type batchPart struct {
	status int
	etag   azcore.ETag
	body   []byte
}

// batchParts takes a transaction's answer apart, which the SDK does not hand out: a
// multipart document in a multipart document, and each part is an HTTP
// response (learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions).
// It returns the parts up to the first that cannot be read.
func batchParts(r *http.Response) []batchPart {
	if r == nil {
		return nil
	}
	body, err := runtime.Payload(r) // the SDK has read it before and keeps it
	if err != nil {
		return nil
	}
	return batchPartsOf(r.Header.Get("Content-Type"), strings.NewReader(string(body)))
}

func batchPartsOf(contentType string, body io.Reader) (all []batchPart) {
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(media, "multipart/") || parameters["boundary"] == "" {
		return nil
	}
	reader := multipart.NewReader(body, parameters["boundary"])
	for {
		p, err := reader.NextRawPart()
		if err != nil {
			return all
		}
		inner := p.Header.Get("Content-Type")
		if strings.HasPrefix(inner, "multipart/") {
			return append(all, batchPartsOf(inner, p)...)
		}
		answer, err := http.ReadResponse(bufio.NewReader(p), nil) //nolint:bodyclose // its body is a part of the whole answer, which the SDK closes
		if err != nil {
			return all
		}
		content, err := io.ReadAll(answer.Body)
		if err != nil {
			return all
		}
		all = append(all, batchPart{status: answer.StatusCode, etag: azcore.ETag(answer.Header.Get("ETag")), body: content})
	}
}

// readParts fills r from the answer to a refused transaction.
func (r *refusal) readParts(all []batchPart) {
	for _, p := range all {
		if p.status < http.StatusBadRequest {
			continue
		}
		r.Status = p.status
		var said struct {
			Error struct {
				Code    string `json:"code"`
				Message struct {
					Value string `json:"value"`
				} `json:"message"`
			} `json:"odata.error"`
		}
		if json.Unmarshal(p.body, &said) != nil {
			return
		}
		r.Code = said.Error.Code
		// The message begins with the operation's index: "2:The specified entity …".
		if index, _, ok := strings.Cut(said.Error.Message.Value, ":"); ok {
			if n, err := strconv.Atoi(index); err == nil {
				r.failed = n
			}
		}
		return
	}
}
