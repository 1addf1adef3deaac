//go:build clients

package clients_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// client is a program that works with container links.
type client struct {
	name string
	// call returns the command for a verb: upload, download, list or delete. name is a blob's, path a local file's, both
	// empty where the verb has none.
	call func(ctx context.Context, verb, link, name, path string) *exec.Cmd
	// names finds the blobs' names in the output of list.
	names func(listing string) []string
}

// script is a client that takes the verb and its arguments as they are.
func script(name, interpreter, path string) client {
	return client{
		name: name,
		call: func(ctx context.Context, verb, link, name, file string) *exec.Cmd {
			arguments := []string{path, verb, link}
			for _, more := range []string{name, file} {
				if more != "" {
					arguments = append(arguments, more)
				}
			}
			return exec.CommandContext(ctx, interpreter, arguments...)
		},
		names: func(listing string) []string {
			return strings.FieldsFunc(listing, func(r rune) bool { return r == '\n' })
		},
	}
}

// azCopy is AzCopy. It can't tell by a local address that a link is one of Blob Storage and has to be told.
func azCopy(program, logs string) client {
	return client{
		name: "AzCopy",
		call: func(ctx context.Context, verb, link, name, file string) *exec.Cmd {
			container, sas, _ := strings.Cut(link, "?")
			blob := container + "/" + pathEscape(name) + "?" + sas
			arguments := map[string][]string{
				"upload":   {"copy", file, link, "--from-to=LocalBlob", "--block-size-mb=4", "--put-md5"},
				"download": {"copy", blob, file, "--from-to=BlobLocal", "--check-md5=FailIfDifferent"},
				"delete":   {"remove", blob, "--from-to=BlobTrash"},
				"list":     {"list", link, "--location=Blob"},
			}[verb]
			c := exec.CommandContext(ctx, program, arguments...)
			c.Env = append(os.Environ(), "AZCOPY_LOG_LOCATION="+filepath.Join(logs, "logs"), "AZCOPY_JOB_PLAN_LOCATION="+filepath.Join(logs, "plans"))
			return c
		},
		names: func(listing string) (names []string) {
			for _, line := range strings.Split(listing, "\n") {
				if name, _, found := strings.Cut(line, "; Content Length:"); found {
					names = append(names, name)
				}
			}
			return names
		},
	}
}
