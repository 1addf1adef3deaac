package front

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"strconv"

	"example.org/airlock/localcloud/event"
)

// fail answers as Azure Storage does: the code in a header and in a body the SDKs parse.
func fail(w http.ResponseWriter, r *http.Request, q *request, status int, code, message string) {
	h := w.Header()
	h.Set("x-ms-error-code", code)
	h.Set("x-ms-request-id", event.NewID())
	h.Set("x-ms-version", apiVersion)
	var body []byte
	if q.service == "table" {
		h.Set("Content-Type", "application/json")
		body, _ = json.Marshal(map[string]any{"odata.error": map[string]any{"code": code, "message": map[string]string{"lang": "en-US", "value": message}}})
	} else {
		h.Set("Content-Type", "application/xml")
		var text bytes.Buffer
		_ = xml.EscapeText(&text, []byte(message))
		body = []byte(`<?xml version="1.0" encoding="utf-8"?><Error><Code>` + code + `</Code><Message>` + text.String() + `</Message></Error>`)
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// replaceBody gives an answer another body.
func replaceBody(resp *http.Response, body []byte) {
	resp.Body.Close()
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
}
