package ground

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sealKey is the local cloud's key of the state.
func sealKey(dir string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(dir, "keys", "state.key"))
	if err != nil {
		return nil, fmt.Errorf("ground: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return hex.DecodeString(strings.TrimSpace(first))
}

// Seal gives a row a genuine seal (docs/audit-format.md), as only the service can:
// for tests that make time pass, fill a table, or play an insider who has the key.
func (g *Ground) Seal(table string, row Row) {
	delete(row, "Seal")
	message := piece(nil, "airlock-row/2")
	for _, text := range []string{table, row.Partition(), row.Key()} {
		message = piece(message, text)
	}
	for _, name := range slices.Sorted(maps.Keys(plain(row))) {
		message = piece(message, name)
		switch value := row[name].(type) {
		case string:
			message = piece(append(message, 's'), value)
		default:
			message = piece(append(message, 'n'), fmt.Sprint(value))
		}
	}
	id := sha256.Sum256(g.mac([]byte("id")))
	row["Seal"] = hex.EncodeToString(id[:8]) + "." + base64.RawURLEncoding.EncodeToString(g.mac(message))
}

func (g *Ground) mac(message []byte) []byte {
	h := hmac.New(sha256.New, g.key)
	h.Write(message)
	return h.Sum(nil)
}

func piece(message []byte, text string) []byte {
	return append(binary.AppendUvarint(message, uint64(len(text))), text...)
}

// plain holds a row's written columns, without its keys.
func plain(row Row) Row {
	out := writable(row)
	delete(out, "PartitionKey")
	delete(out, "RowKey")
	return out
}

// writable is a row without the members that the service adds.
func writable(row Row) Row {
	out := Row{}
	for name, value := range row {
		if !strings.HasPrefix(name, "odata.") && name != "Timestamp" && !strings.HasSuffix(name, "@odata.type") {
			out[name] = value
		}
	}
	return out
}
