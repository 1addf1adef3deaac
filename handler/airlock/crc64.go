package airlock

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc64"
)

// CRC64 is the checksum that Blob Storage computes over the bytes it takes in,
// and answers, so that copies can be compared without reading them. It shows
// accidents, not malice: against malice stand the ETags and the SHA-256.
type CRC64 uint64

// crcPolynomial is Azure Storage's, reversed as hash/crc64 wants it
// (azure-sdk-for-go, azblob/internal/shared/shared.go).
const crcPolynomial = 0x9A6C9329AC4BC9B5

var crcTable = crc64.MakeTable(crcPolynomial)

// With returns the checksum of the bytes c stands for, followed by b.
func (c CRC64) With(b []byte) CRC64 { return CRC64(crc64.Update(uint64(c), crcTable, b)) }

// Then returns the checksum of the bytes c stands for, followed by n bytes with
// the checksum next. It is zlib's crc32_combine for 64 bits: n zero bytes
// behind a message multiply its checksum by x^(8n), modulo the polynomial.
func (c CRC64) Then(next CRC64, n int64) CRC64 {
	shift, square := uint64(1)<<63, uint64(1)<<55 // 1 and x^8; the highest bit is x^0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			shift = timesModulo(shift, square)
		}
		square = timesModulo(square, square)
	}
	return CRC64(timesModulo(shift, uint64(c))) ^ next
}

// timesModulo multiplies two polynomials modulo the checksum's.
func timesModulo(a, b uint64) (product uint64) {
	for ; a != 0; a <<= 1 {
		if a>>63 == 1 {
			product ^= b
		}
		low := b & 1
		b >>= 1
		if low == 1 {
			b ^= crcPolynomial
		}
	}
	return product
}

// MarshalText is base64 of the little-endian bytes, as x-ms-content-crc64 has it.
func (c CRC64) MarshalText() ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, binary.LittleEndian.AppendUint64(nil, uint64(c))), nil
}

// UnmarshalText reads the form of MarshalText.
func (c *CRC64) UnmarshalText(text []byte) error {
	b, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil || len(b) != 8 {
		return errors.New("airlock: not a CRC64")
	}
	*c = CRC64(binary.LittleEndian.Uint64(b))
	return nil
}

// CRC64Of reads the bytes of x-ms-content-crc64, nil for an answer without.
func CRC64Of(header []byte) *CRC64 {
	if len(header) != 8 {
		return nil
	}
	c := CRC64(binary.LittleEndian.Uint64(header))
	return &c
}
