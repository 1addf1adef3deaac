package cli_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
)

// secret is a signature or a token.
var secret = regexp.MustCompile(`sig=[A-Za-z0-9%]{8}|eyJ[A-Za-z0-9_-]{10,}|[Bb]earer [A-Za-z0-9]`)

// The output of --debug holds no signature and no token.
func TestDebugHidesSecrets(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	file := ada.file("a.csv", "1")
	id := ada.draft("import")
	for _, args := range [][]string{
		{"upload", id, file}, {"files", id}, {"submit", id, "--wait"}, {"list"}, {"history", id}, {"download", id},
	} {
		r := ada.run(append(args, "--debug")...)
		assert.Contains(t, r.stderr, "debug: ")
		assert.NotRegexp(t, secret, r.stderr)
		assert.NotRegexp(t, secret, r.stdout)
	}
	// Storage does not answer: the error has the address in it, and the address is signed.
	ada.env = append(ada.env, "AIRLOCK_TOKEN=eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl")
	r := ada.run("show", id, "--debug").ends(4)
	assert.NotRegexp(t, secret, r.stderr)
	for _, file := range []string{"config/airlock/config.yaml"} {
		assert.NotRegexp(t, secret, ada.read(file))
	}
}
