package story

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
)

// File is something to upload. Open may be called any number of times and always reads the same.
type File struct {
	Name string
	Size int64
	Open func() io.Reader
	Said http.Header // headers by which its uploader says something of it: content type, metadata, tags
}

// SaidToBe is the file with one more thing said of it.
func (f File) SaidToBe(header, value string) File {
	if f.Said = f.Said.Clone(); f.Said == nil {
		f.Said = http.Header{}
	}
	f.Said.Set(header, value)
	return f
}

// Bytes is a file with these bytes.
func Bytes(name string, body []byte) File {
	return File{Name: name, Size: int64(len(body)), Open: func() io.Reader { return bytes.NewReader(body) }}
}

// Noise is a file of any size that takes no memory: the same seed gives the same bytes.
func Noise(name string, size int64, seed uint64) File {
	return File{Name: name, Size: size, Open: func() io.Reader {
		var key [32]byte
		key[0], key[1], key[2], key[3] = byte(seed), byte(seed>>8), byte(seed>>16), byte(seed>>24)
		return io.LimitReader(rand.NewChaCha8(key), size)
	}}
}

// EICAR is the text every malware scanner reports although it does no harm. It is put together here so that no scanner
// takes this program for infected.
func EICAR(name string) File {
	return Bytes(name, []byte(strings.Join([]string{`X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR`, `STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`}, "-")))
}

// SHA256 is the hash of the file's bytes in lower-case hexadecimal.
func (f File) SHA256() string { return hashOf(f.Open()) }

func hashOf(r io.Reader) string {
	sum := sha256.New()
	_, _ = io.Copy(sum, r) // neither side can fail
	return hex.EncodeToString(sum.Sum(nil))
}
