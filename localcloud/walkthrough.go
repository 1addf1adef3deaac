package main

import (
	_ "embed"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"example.org/airlock/localcloud/cloud"
)

// walkthroughScript is the walk with the command line that the README shows too; a
// test compares them and runs it. curlScript is the same with curl, in docs/API.md.
var (
	//go:embed walkthrough.sh
	walkthroughScript string
	//go:embed walkthrough-api.sh
	curlScript string
)

// forCloud is a script for a cloud at this address and in this directory.
func forCloud(script string, e cloud.Endpoints, dir string) string {
	s := strings.ReplaceAll(script, "http://127.0.0.1:7071/api", e.API)
	if filepath.Clean(dir) != ".local" {
		for _, command := range []string{"localcloud workspace", "localcloud token", "localcloud mail"} {
			s = strings.ReplaceAll(s, command, command+" --dir "+dir)
		}
		s = strings.ReplaceAll(s, "workspace --dir "+dir+" genomics", "workspace genomics --dir "+dir) // the name goes first
	}
	return s
}

func printWalkthrough(w io.Writer, e cloud.Endpoints, dir string) {
	const rule = "────────────────────────────────────────────────────────────────────────"
	fmt.Fprintf(w, "\nThe airlock runs. Its portal is at %s/ui; choose there who to be. In another terminal, from this folder, walk through it:\n\n%s\n%s%s\n\n"+
		"Personas: researcher researcher2 owner manager manager2 manager3 senior researcher-manager admin.\n"+
		"`build/localcloud help` lists what else there is; the API describes itself at %s/openapi.json.\nCtrl+C stops everything; state stays in %s.\n",
		e.API, rule, forCloud(walkthroughScript, e, dir), rule, e.API, dir)
}
