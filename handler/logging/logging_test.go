package logging

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNoLineCarriesASecret(t *testing.T) {
	const link = "https://a.blob.core.windows.net/c?sv=2026-06-06&sig=dG9wc2VjcmV0%3D&se=2031"
	var out bytes.Buffer
	log := New(&out)
	log.Info("to "+link, "url", link, "error", fmt.Errorf("copy: %w", &url.Error{Op: "Put", URL: link, Err: errors.New("refused")}))
	log.With("header", "Authorization: Bearer eyJhbGciOi.JSUzI1.NiJ9").WithGroup("g").Warn("x", "u", link)
	log.Error("list", "containers", []string{"a/b"})
	assert.NotContains(t, out.String(), "dG9wc2VjcmV0")
	assert.NotContains(t, out.String(), "eyJhbGciOi")
	assert.Contains(t, out.String(), "sig=[redacted]")
	assert.Contains(t, out.String(), `"containers":["a/b"]`)
}

func TestEveryLineSaysWhatItIsAbout(t *testing.T) {
	var out bytes.Buffer
	log := New(&out).With("version", "1")
	ctx := With(With(context.Background(), Invocation, "i-1"), Request, "r-1")
	inner := With(ctx, Request, "r-2")
	log.InfoContext(inner, "inner")
	assert.Contains(t, out.String(), `"version":"1","invocation":"i-1","request":"r-2"`)
	out.Reset()
	log.WarnContext(ctx, "own", "request", "r-3")
	assert.Contains(t, out.String(), `"request":"r-3","invocation":"i-1"`)
	assert.NotContains(t, out.String(), "r-1", "no name twice")
	out.Reset()
	log.With("a", "b").WithGroup("g").InfoContext(context.Background(), "nothing is known", "u", "https://x/?sig=secret")
	assert.NotContains(t, out.String(), "secret")
	assert.NotContains(t, out.String(), "invocation")
}
