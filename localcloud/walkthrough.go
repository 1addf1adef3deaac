package main

import (
	_ "embed"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"example.org/airlock/localcloud/cloud"
)

// walkthroughScript is the walk through the API that the README shows too; a
// test compares them and runs it.
//
//go:embed walkthrough.sh
var walkthroughScript string

// walkthrough is the script for a cloud at this address and in this directory.
func walkthrough(e cloud.Endpoints, dir string) string {
	s := strings.ReplaceAll(walkthroughScript, "http://127.0.0.1:7071/api", e.API)
	if filepath.Clean(dir) != ".local" {
		for _, command := range []string{"workspace genomics", "--workspace genomics", "localcloud mail"} {
			s = strings.ReplaceAll(s, command, command+" --dir "+dir)
		}
		s = strings.ReplaceAll(s, "--dir "+dir+" --dir "+dir, "--dir "+dir)
	}
	return s
}

func printWalkthrough(w io.Writer, e cloud.Endpoints, dir string) {
	const rule = "────────────────────────────────────────────────────────────────────────"
	fmt.Fprintf(w, "\nThe airlock runs. In another terminal, from this folder, walk through the API:\n\n%s\n%s%s\n\n"+
		"Personas: researcher researcher2 owner manager manager2 manager3 senior researcher-manager admin.\n"+
		"`build/localcloud help` lists what else there is; the API describes itself at %s/openapi.json.\nCtrl+C stops everything; state stays in %s.\n",
		rule, walkthrough(e, dir), rule, e.API, dir)
}
