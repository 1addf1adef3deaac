package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNoLineCarriesASecret(t *testing.T) {
	const link = "https://a.blob.core.windows.net/c?sv=2026-06-06&sig=dG9wc2VjcmV0%3D&se=2031"
	var out bytes.Buffer
	log := newLog(&out)
	log.Info("to "+link, "url", link, "error", fmt.Errorf("copy: %w", &url.Error{Op: "Put", URL: link, Err: errors.New("refused")}))
	log.With("header", "Authorization: Bearer eyJhbGciOi.JSUzI1.NiJ9").WithGroup("g").Warn("x", "u", link)
	log.Error("list", "containers", []string{"a/b"})
	assert.NotContains(t, out.String(), "dG9wc2VjcmV0")
	assert.NotContains(t, out.String(), "eyJhbGciOi")
	assert.Contains(t, out.String(), "sig=[redacted]")
	assert.Contains(t, out.String(), `"containers":["a/b"]`)
}
