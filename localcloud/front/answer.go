package front

import (
	"io"
	"net/http"
	"regexp"
	"strings"

	"example.org/airlock/localcloud/fault"
)

var (
	endpointAttr  = regexp.MustCompile(`ServiceEndpoint="[^"]*"`)
	copySourceTag = regexp.MustCompile(`<CopySource>[^<]*</CopySource>`)
)

// answered puts production names back into Azurite's answer, shows held copies as pending and tells of what was written.
func (f *Front) answered(resp *http.Response, q *request, r *http.Request) error {
	h := resp.Header
	h.Del("Server")
	if src := h.Get("x-ms-copy-source"); src != "" {
		h.Set("x-ms-copy-source", productionURL(src))
	}
	if resp.StatusCode/100 != 2 {
		return nil
	}
	switch q.op {
	case "PutBlob", "PutBlockList", "CopyBlob", "CopyBlobFromURL", "DeleteBlob":
		f.keys.written(q)
	}
	clientID := r.Header.Get("x-ms-client-request-id")
	switch q.op {
	case "ListBlobs", "ListContainers":
		return f.rewriteList(resp, q)
	case "GetBlob", "GetBlobProperties":
		f.held.mask(q, resp)
	case "CopyBlob":
		if rule := fault.Held(r); rule != nil {
			finished := h.Clone()
			f.held.add(q, h, rule, func() { f.created(q, clientID, finished) })
			return nil
		}
		f.created(q, clientID, h)
	case "PutBlob", "PutBlockList", "CopyBlobFromURL":
		f.created(q, clientID, h)
	}
	return nil
}

func (f *Front) rewriteList(resp *http.Response, q *request) error {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	body = endpointAttr.ReplaceAll(body, []byte(`ServiceEndpoint="https://`+q.account+".blob"+storageSuffix+`/"`))
	body = copySourceTag.ReplaceAllFunc(body, func(tag []byte) []byte {
		src := strings.TrimSuffix(strings.TrimPrefix(string(tag), "<CopySource>"), "</CopySource>")
		return []byte("<CopySource>" + productionURL(src) + "</CopySource>")
	})
	replaceBody(resp, f.keys.maskList(q, f.held.maskList(q, body)))
	return nil
}
