// Command pack makes the zip that is deployed: host.json, the folder of each
// function, and the handler. The same commit gives the same bytes on every
// machine with the same Go: entries are sorted, their times are the commit's,
// and the handler's build date is the commit's as well.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("pack: ")
	root := flag.String("root", ".", "the repository")
	arch := flag.String("arch", "amd64", "GOARCH of the handler: amd64 or arm64")
	out := flag.String("out", "build/airlock-linux-amd64.zip", "the zip to write")
	sbom := flag.String("sbom", "", "the program cyclonedx-gomod; writes what the handler is made of beside the zip")
	flag.Parse()

	stamp, err := readStamp(*root)
	if err != nil {
		log.Fatal(err)
	}
	size, err := pack(*root, *arch, *out, *sbom, stamp)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s, commit %s, %.1f MB\n", *out, stamp.Version, stamp.Commit, float64(size)/1e6)
}

// pack builds the handler, collects the entries and writes the zip. A zip that
// was there is replaced only by a complete one.
func pack(root, arch, out, sbom string, stamp stamp) (int64, error) {
	if err := portalBuilt(root); err != nil {
		return 0, err
	}
	work, err := os.MkdirTemp("", "airlock-pack-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(work) }()

	binary, err := buildHandler(root, arch, work, stamp)
	if err != nil {
		return 0, err
	}
	entries, err := collect(root, binary)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o750); err != nil {
		return 0, err
	}
	if sbom != "" {
		if err := writeSBOM(sbom, binary, out, stamp); err != nil {
			return 0, err
		}
	}
	part := out + ".part"
	size, err := writeZip(part, entries, stamp.Time)
	if err != nil {
		return 0, errors.Join(err, os.RemoveAll(part))
	}
	return size, os.Rename(part, out)
}

// writeSBOM lists the modules of the very binary that is packed, in CycloneDX JSON.
func writeSBOM(tool, binary, out string, s stamp) error {
	list := strings.TrimSuffix(out, ".zip") + ".cdx.json"
	cmd := exec.Command(tool, "bin", "-json", "-std", "-noserial", "-notimestamp", "-version", s.Version, "-output", list, binary) //nolint:gosec // the Makefile names the tool
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("list what the handler is made of: %w\n%s", err, said)
	}
	return nil
}
