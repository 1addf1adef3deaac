package tablestore

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// part is the answer to one operation of a transaction.
type part struct {
	status int
	etag   azcore.ETag
	body   string // the first line of it, where errors have their JSON
}

// parts takes a transaction's answer apart. The SDK tells neither the ETags nor
// the status of a refusal. A line that begins with HTTP/1.1 can only be the
// start of a part: successes have no body, and an error's JSON has no line end.
func parts(body string) []part {
	var out []part
	inHead := false
	for line := range strings.Lines(body) {
		line = strings.TrimRight(line, "\r\n")
		if status, ok := strings.CutPrefix(line, "HTTP/1.1 "); ok {
			code, _, _ := strings.Cut(status, " ")
			n, _ := strconv.Atoi(code)
			out, inHead = append(out, part{status: n}), true
			continue
		}
		if len(out) == 0 {
			continue
		}
		last := &out[len(out)-1]
		name, value, _ := strings.Cut(line, ":")
		switch {
		case line == "":
			inHead = false
		case inHead && strings.EqualFold(name, "etag"):
			last.etag = azcore.ETag(strings.TrimSpace(value))
		case !inHead && last.body == "" && strings.HasPrefix(line, "{"):
			last.body = line
		}
	}
	return out
}

// readParts fills r from the body of a refused transaction.
func (r *refusal) readParts(body string) {
	for _, p := range parts(body) {
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
		if json.Unmarshal([]byte(p.body), &said) != nil {
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

// bodyOf returns a response's body, which the SDK has read before and keeps.
func bodyOf(r *http.Response) string {
	if r == nil {
		return ""
	}
	body, err := runtime.Payload(r)
	if err != nil {
		return ""
	}
	return string(body)
}
