// Command build bundles the portal into handler/portal/dist, where the handler embeds it. The packages it bundles
// were fetched by npm into the folder given; Node.js itself is not needed. The same sources and packages give the
// same bytes.
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// budgets are the sizes, in compressed bytes, that the parts of the portal must not exceed: a machine inside a
// workspace may have a thin line.
var budgets = map[string]int{"app.js": 150_000, "preview.html": 30_000, "pdf.html": 560_000, "index.html": 14_000}

func main() {
	log.SetFlags(0)
	log.SetPrefix("portal: ")
	source := flag.String("source", "portal", "the portal's folder")
	packages := flag.String("packages", "build/portal/node_modules", "where npm put the packages")
	out := flag.String("out", "handler/portal/dist", "the folder that the handler embeds")
	tests := flag.String("tests", "", "bundle the unit tests into this folder instead, for Node.js to run")
	types := flag.String("types", "", "write the types of the API to this file instead, for the check of the portal's own")
	document := flag.String("openapi", "docs/openapi.json", "the service's description of itself")
	flag.Parse()
	run := func() error { return build(*source, *packages, *out) }
	if *tests != "" {
		run = func() error { return bundleTests(*source, *packages, *tests) }
	}
	if *types != "" {
		run = func() error { return writeTypes(*document, *types) }
	}
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

// bundleTests makes one module of each unit test with what it tests: Node.js 20 reads no TypeScript.
func bundleTests(source, packages, out string) error {
	entries, err := filepath.Glob(filepath.Join(source, "test", "unit", "*.test.ts"))
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return errors.New("there are no unit tests below " + source)
	}
	for _, entry := range entries {
		content, err := compile(entry, packages, api.FormatESModule, api.PlatformNode)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(entry), ".ts") + ".mjs"
		if err := os.WriteFile(filepath.Join(out, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func build(source, packages, out string) error {
	parts, err := bundle(source, packages)
	if err != nil {
		return err
	}
	for name, content := range parts {
		if err := clean(name, content); err != nil {
			return err
		}
		zipped, err := zip(content)
		if err != nil {
			return err
		}
		if len(zipped) > budgets[name] {
			return fmt.Errorf("%s has %d bytes compressed, more than its %d", name, len(zipped), budgets[name])
		}
		if err := os.WriteFile(filepath.Join(out, name+".gz"), zipped, 0o600); err != nil {
			return err
		}
		fmt.Printf("portal: %-12s %6d bytes, %6d compressed\n", name, len(content), len(zipped))
	}
	return removeOthers(out, parts)
}

// removeOthers takes out parts that an older build left: the handler embeds the whole folder.
func removeOthers(out string, parts map[string][]byte) error {
	found, err := filepath.Glob(filepath.Join(out, "*.gz"))
	if err != nil {
		return err
	}
	for _, name := range found {
		if _, made := parts[strings.TrimSuffix(filepath.Base(name), ".gz")]; made {
			continue
		}
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// bundle makes the parts: name to content.
func bundle(source, packages string) (map[string][]byte, error) {
	made := map[string][]byte{}
	for name, entry := range map[string]string{"app.js": "main.tsx", "app.css": "style/app.css", "preview.js": "preview/main.ts", "preview.css": "style/preview.css", "pdf.js": "pdf/main.ts", "pdf.css": "style/pdf.css"} {
		content, err := compile(filepath.Join(source, "src", entry), packages, api.FormatIIFE, api.PlatformBrowser)
		if err != nil {
			return nil, err
		}
		made[name] = content
	}
	page, err := os.ReadFile(filepath.Join(source, "src", "index.html")) //nolint:gosec // the repository's own file
	if err != nil {
		return nil, err
	}
	if page, err = styled(page, made["app.css"]); err != nil {
		return nil, fmt.Errorf("index.html: %w", err)
	}
	parts := map[string][]byte{"index.html": page, "app.js": made["app.js"]}
	for _, name := range []string{"preview", "pdf"} {
		if parts[name+".html"], err = closed(made[name+".js"], made[name+".css"]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return parts, nil
}

// styled puts the style into the page, so that nothing but the page itself is waited for before it shows something.
// The policy of the page allows this one style by its hash.
func styled(page, style []byte) ([]byte, error) {
	if bytes.Contains(style, []byte("</style")) {
		return nil, errors.New("the style would end its own element")
	}
	before, after, found := bytes.Cut(page, []byte("{{style}}"))
	if !found {
		return nil, errors.New("there is no place for the style")
	}
	return slices.Concat(before, style, after), nil
}

// closed is a document that carries its script and style inside: its policy lets it fetch nothing.
func closed(script, style []byte) ([]byte, error) {
	if bytes.Contains(script, []byte("</script")) || bytes.Contains(style, []byte("</style")) {
		return nil, errors.New("the script or style would end its own element")
	}
	return fmt.Appendf(nil, "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Preview</title><style>%s</style></head>"+
		"<body><main id=\"root\" tabindex=\"0\"></main><script>%s</script></body></html>\n", style, script), nil
}

// compile bundles one entry point with all it imports.
func compile(entry, packages string, format api.Format, platform api.Platform) ([]byte, error) {
	modules, err := filepath.Abs(packages)
	if err != nil {
		return nil, err
	}
	r := api.Build(api.BuildOptions{
		EntryPoints: []string{entry}, Bundle: true, Format: format, Platform: platform, Target: api.ES2022,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		JSX: api.JSXAutomatic, JSXImportSource: "preact", NodePaths: []string{modules},
		LegalComments: api.LegalCommentsNone, Define: map[string]string{"process.env.NODE_ENV": `"production"`},
		TsconfigRaw: "{}", Write: false, LogLevel: api.LogLevelSilent,
	})
	if len(r.Errors) > 0 {
		texts := api.FormatMessages(r.Errors, api.FormatMessagesOptions{Kind: api.ErrorMessage})
		return nil, errors.New(strings.Join(texts, "") + "(`make portal` fetches the packages)")
	}
	return r.OutputFiles[0].Contents, nil
}

// elsewhere are addresses that a page could fetch from. The sign-in library brings the hosts of Entra's clouds, and
// links to explanations in its texts; the policy of the page lets it reach its own issuer only.
var (
	elsewhere = regexp.MustCompile(`(?:src|href)\s*[=:]\s*["'` + "`" + `]?\s*(?:https?:)?//[^"'\s]+|url\(\s*["']?(?:https?:)?//|@import`)
	sourceMap = []byte("sourceMappingURL")
)

// clean refuses a part that fetches something from elsewhere or names a source map.
func clean(name string, content []byte) error {
	if found := elsewhere.Find(content); found != nil {
		return fmt.Errorf("%s refers to another host: %.80q", name, found)
	}
	if bytes.Contains(content, sourceMap) {
		return fmt.Errorf("%s names a source map", name)
	}
	return nil
}

func zip(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
