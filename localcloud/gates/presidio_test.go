//go:build gates

package gates_test

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/story/storytest"
)

// The example in Python keeps the contract, and finds an address and an NHS number, both
// made up.
func TestPresidioKeepsTheContract(t *testing.T) {
	root, err := storytest.Repository()
	require.NoError(t, err)
	events := freeAddress(t)
	_, port, err := net.SplitHostPort(events)
	require.NoError(t, err)
	keepsTheContract(t, freeAddress(t), "dlp", "http://"+events+"/", []byte("name,mail,nhs\nx,ada.lovelace@example.org,943 476 5919\n"),
		"--", filepath.Join(root, "build", "gates", "venv", "bin", "python"), filepath.Join("client", "examples", "presidio", "gate.py"), port)
}
