//go:build corpus

package inspect_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mediaKinds are this package's types by the media types that mimetype names. Texts are left out: a name alone tells
// them apart.
var mediaKinds = map[string]string{
	"application/zip": "zip", "application/gzip": "gzip", "application/x-bzip2": "bzip2", "application/x-xz": "xz", "application/zstd": "zstd", "application/x-7z-compressed": "7z", "application/x-rar-compressed": "rar",
	"application/x-tar": "tar", "application/vnd.ms-cab-compressed": "cab", "application/x-lz4": "lz4", "application/pdf": "pdf", "application/x-ole-storage": "ole",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx", "application/vnd.oasis.opendocument.text": "odf", "application/vnd.oasis.opendocument.spreadsheet": "odf", "application/vnd.oasis.opendocument.presentation": "odf",
	"application/java-archive": "jar", "application/jar": "jar", "image/png": "png", "image/jpeg": "jpeg", "image/gif": "gif", "image/tiff": "tiff", "image/webp": "webp", "image/bmp": "bmp", "image/svg+xml": "svg",
	"application/x-elf": "elf", "application/vnd.microsoft.portable-executable": "pe", "application/x-mach-binary": "macho", "application/wasm": "wasm", "application/x-java-applet": "java", "application/x-ms-shortcut": "lnk",
	"application/vnd.apache.parquet": "parquet", "application/x-hdf5": "hdf5", "application/vnd.sqlite3": "sqlite", "application/x-hdf": "hdf5", "application/x-netcdf": "netcdf", "text/rtf": "rtf", "text/html": "html", "application/geo+json": "json",
}

// extensionKinds are types of files that mimetype does not know, by their extensions.
var extensionKinds = map[string][]string{
	".rds": {"r", "gzip", "bzip2", "xz"}, ".rda": {"r", "gzip", "bzip2", "xz"}, ".dta": {"stata"}, ".npy": {"npy"}, ".npz": {"zip"}, ".pkl": {"pickle"}, ".ipynb": {"notebook"}, ".json": {"json"}, ".sav": {"spss"}, ".xpt": {"xpt"}, ".sas7bdat": {"sas"},
	".xlsx": {"xlsx", "ole"}, ".docx": {"docx", "ole"}, ".pptx": {"pptx", "ole"}, ".pdf": {"pdf"}, ".png": {"png"}, ".jpg": {"jpeg"}, ".gif": {"gif"}, ".zip": {"zip"}, ".gz": {"gzip"}, ".7z": {"7z"}, ".zst": {"zstd"}, ".parquet": {"parquet"}, ".svg": {"svg"},
	".doc": {"ole"}, ".xls": {"ole"}, ".ppt": {"ole"}, ".msg": {"ole"}, ".bz2": {"bzip2"}, ".xz": {"xz"}, ".tar": {"tar"}, ".html": {"html"}, ".rtf": {"rtf"},
	".emf": {"emf"}, ".md": {"text"}, ".go": {"code"}, ".py": {"code"}, // mimetype takes some for what they speak of
}

// TestTypesReport measures how well types are told. The truth is what the extension and mimetype agree on; where one of
// them says nothing, the other tells.
func TestTypesReport(t *testing.T) {
	var paths []string
	for _, pkg := range []string{"nbconvert", "nbformat", "pypdf", "python_docx", "python_pptx", "rdata", "oletools", "excelize", "xlsx", "xlsxreader", "pdfcpu", "sevenzip", "compress", "parquet-go", "mscfb", "mimetype", "matplotlib"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(corpus, pkg)+"/", func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || strings.HasPrefix(d.Name(), "._") {
				return err
			}
			info, err := d.Info()
			if err == nil && info.Size() > 0 && info.Size() < 4<<20 {
				paths = append(paths, path)
			}
			return err
		}))
	}
	opinions := mimetypes(t, paths)
	names := []string{"tuning", "hold-out"}
	right, wrong, open, kinds := [2]int{}, [2]int{}, [2]int{}, map[string]int{}
	for i, path := range paths {
		half := halfOf(filepath.Base(path))
		truth := truthOf(path, opinions[i])
		if truth == nil {
			open[half]++
			continue
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		kind := report(t, filepath.Base(path), content).Type
		if slices.Contains(truth, kind) {
			right[half]++
			kinds[kind]++
			continue
		}
		wrong[half]++
		if half == 0 && os.Getenv("TELL") != "" {
			fmt.Println(path, "is", truth, "and taken for", kind)
		}
	}
	for half, name := range names {
		fmt.Printf("types, %s: %d right, %d wrong (%.4f), %d files that nobody tells\n", name, right[half], wrong[half], float64(right[half])/float64(right[half]+wrong[half]), open[half])
	}
	fmt.Println("  by type:", kinds)
}

// truthOf is what a file is, nil where the opinions contradict each other or say nothing.
func truthOf(path string, media []string) []string {
	kind := ""
	for _, m := range media {
		if kind == "" {
			kind = mediaKinds[m]
		}
	}
	byName := extensionKinds[strings.ToLower(filepath.Ext(path))]
	switch {
	case kind == "" && (byName == nil || !slices.Contains([]string{"application/octet-stream", "application/json"}, media[0])):
		return nil // a text, or nothing
	case kind == "":
		return byName
	case byName == nil || slices.Contains(byName, kind):
		return []string{kind}
	}
	return nil
}

// mimetypes asks mimetype about files.
func mimetypes(t *testing.T, paths []string) (out [][]string) {
	ask := exec.Command("go", "run", ".")
	ask.Dir = filepath.Join("testdata", "corpus", "types")
	var list bytes.Buffer
	for _, p := range paths {
		whole, err := filepath.Abs(p)
		require.NoError(t, err)
		fmt.Fprintln(&list, whole)
	}
	ask.Stdin, ask.Stderr = &list, os.Stderr
	answers, err := ask.Output()
	require.NoError(t, err)
	for lines := bufio.NewScanner(bytes.NewReader(answers)); lines.Scan(); {
		out = append(out, strings.Split(lines.Text(), "\t"))
	}
	require.Len(t, out, len(paths))
	return out
}
